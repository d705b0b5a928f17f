"""The guide's map over HTTP: sections with what there is in them, routes, and the reader's place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from descend.guide import placement
from descend.guide.sections import Section, courses, section, sections

_NOTES = "find-your-place"


def sections_in_short() -> list[dict[str, Any]]:
    """Every section as it stands on the map."""
    return [
        {"id": one.id, "title": one.title, "stars": one.stars, "about": one.about, "ready": one.ready}
        for one in sections()
    ]


def routes() -> list[dict[str, Any]]:
    """The four courses, each with its chapters in order."""
    rows = [asdict(course) for course in courses()]
    return [{**row, "chapters": [{"title": title, "section": of} for title, of in row["chapters"]]} for row in rows]


def section_page(id: str, recipes: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """A section with its text, what there is to do, and what is to come; None where there is none of this id."""
    from descend.studio.prose import render

    one = section(id)
    if one is None:
        return None
    listed = {row["name"]: row["about"] for row in recipes}
    return {
        "id": one.id,
        "title": one.title,
        "stars": one.stars,
        "number": [other.id for other in sections()].index(id) + 1,
        "about": one.about,
        "text_html": render(one.text),
        "labs": list(one.labs),
        "exercises": list(one.exercises),
        "recipes": [{"name": name, "about": listed[name]} for name in one.recipes_of(listed)],
        "to_come": list(one.to_come),
        "chapters": _chapters(one),
    }


def _chapters(one: Section) -> list[dict[str, Any]]:
    return [
        {"course": course.title, "by": course.by, "url": course.url, "titles": titles}
        for course in courses()
        if (titles := [title for title, of in course.chapters if of == one.id])
    ]


class Placement:
    """The five predictions, one answered after the other, kept from one visit to the next."""

    def questions(self) -> dict[str, Any]:
        """The questions without their answers, those that were answered with them, and the place."""
        chosen = self._chosen()
        return {
            "questions": [self._told(question, chosen) for question in placement.questions()],
            "place": placement.place(chosen),
        }

    def predict(self, body: dict[str, Any], id: str) -> dict[str, Any]:
        """Take a prediction, {"option": 0, 1 or 2}, and say whether it is right. The first one given counts."""
        from descend.engine.errors import UsageError

        question = next((one for one in placement.questions() if one.id == id), None)
        option = body.get("option")
        if question is None or type(option) is not int or not 0 <= option < len(question.options):
            raise UsageError(
                "this is no prediction", given=f"{id[:40]}: {str(option)[:40]}", needed="one of the options"
            )
        chosen = self._chosen()
        chosen.setdefault(id, option)
        self._notes().write({"chosen": chosen})
        return {"question": self._told(question, chosen), "place": placement.place(chosen)}

    def forget(self, body: dict[str, Any]) -> dict[str, Any]:
        """Begin again."""
        del body
        self._notes().write({})
        return self.questions()

    def place(self) -> str | None:
        """The section to begin with, None while it is open."""
        return placement.place(self._chosen())

    def _notes(self) -> Any:
        from descend.studio.notes import Notes

        return Notes(_NOTES)

    def _chosen(self) -> dict[str, int]:
        from descend.engine.errors import DescendError

        try:
            kept = self._notes().read().get("chosen")
        except DescendError:
            return {}  # what cannot be read is asked again
        known = {one.id: len(one.options) for one in placement.questions()}
        given = kept if isinstance(kept, dict) else {}
        return {name: option for name, option in given.items() if option in range(known.get(name, 0))}

    def _told(self, question: placement.Question, chosen: dict[str, int]) -> dict[str, Any]:
        from descend.studio.prose import render

        told = {
            "id": question.id,
            "ask_html": render(question.ask),
            "options_html": [render(option) for option in question.options],
            "chosen": chosen.get(question.id),
        }
        if question.id not in chosen:
            return told
        return told | {"right": question.right, "why_html": render(question.why), "section": question.section}
