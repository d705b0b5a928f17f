from __future__ import annotations

from descend.guide import registry
from descend.guide.sections import courses, section, sections
from descend.recipes import registry as recipes


def test_there_are_nine_in_the_guides_order() -> None:
    ids = [one.id for one in sections()]
    assert ids == [
        "prerequisites", "basics", "networks", "training", "convolution", "recurrent", "autoencoders",
        "probabilistic", "papers",
    ]  # fmt: skip
    assert [one.stars for one in sections()] == [1, 1, 1, 2, 2, 2, 2, 3, 3]
    assert section("networks") is sections()[2]
    assert section("nowhere") is None


def test_every_exercise_is_in_a_section_and_no_other_is_named() -> None:
    named = [number for one in sections() for number in one.exercises]
    assert sorted(set(named)) == sorted(f"{exercise.number:02d}" for exercise in registry.exercises())


def test_a_section_says_what_is_missing_and_counts_as_ready_only_where_something_is_there() -> None:
    for one in sections():
        assert one.to_come, one.id
        assert one.ready == bool(one.labs or one.exercises)
    assert [one.id for one in sections() if one.ready][:1] == ["prerequisites"]


def test_a_star_stands_for_any_end() -> None:
    networks = section("networks")
    assert networks is not None
    assert networks.recipes_of(["nielsen-ch1", "nielsen-ch1-100", "nielsen-ch3", "digits-mlp"]) == [
        "nielsen-ch1", "nielsen-ch1-100", "digits-mlp",
    ]  # fmt: skip


def test_the_four_courses_lead_through_the_sections() -> None:
    assert [(one.id, one.stars) for one in courses()] == [
        ("nielsen", 1), ("larochelle", 2), ("cs231n", 2), ("deeplearningbook", 3),
    ]  # fmt: skip
    known = {one.id for one in sections()}
    for course in courses():
        assert len({title for title, _ in course.chapters}) == len(course.chapters) >= 7
        assert {of for _, of in course.chapters} <= known
        assert course.url.startswith("https://")
    taught = {of for course in courses() for _, of in course.chapters}
    assert known - taught == {"papers"}


def test_every_recipe_stands_in_a_section() -> None:
    names = recipes.names()
    placed = {name for one in sections() for name in one.recipes_of(names)}
    assert placed == set(names)
