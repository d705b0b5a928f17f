"""Home, the nine sections, the routes through them, and the five predictions that find a reader's place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.conftest import WIDTHS, Visit

SECTIONS = (
    "prerequisites", "basics", "networks", "training", "convolution", "recurrent", "autoencoders", "probabilistic",
    "papers",
)  # fmt: skip
RIGHT = {"overfit": 0, "saturated": 2, "bounce": 1, "weights": 1, "vanishing": 0}


def test_home_leaves_the_line_to_be_written(visit: Visit) -> None:
    page = visit.goto("/")
    visit.until(lambda: visit.mark("step") >= 3)
    shown = page.inner_text("main")
    assert "def update(p, g, lr):" in shown
    assert "lr * g" not in shown
    assert page.locator(".gap").is_visible()


def test_every_section_of_the_map_has_a_page(visit: Visit) -> None:
    page = visit.goto("/")
    page.wait_for_selector(".map li")
    links = page.locator(".map h3 a")
    led = [links.nth(i).get_attribute("href") for i in range(links.count())]
    assert led == [f"/sections/{name}" for name in SECTIONS]
    for number, name in enumerate(SECTIONS, 1):
        visit.goto(f"/sections/{name}")
        page.wait_for_selector(f"text=Section {number} of 9")
        assert page.locator(".coming li").count() >= 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert visit.overflow() == 0, (name, width)


def test_a_section_leads_to_what_there_is_in_it(visit: Visit) -> None:
    page = visit.goto("/sections/networks")
    page.wait_for_selector("text=To train")
    assert "digits-mlp" in page.inner_text(".recipes")
    page.click(".cards a[href='/labs/downhill']")
    page.wait_for_selector("[data-lab=downhill]")
    page.go_back()
    page.click("article nav >> text=Improving the way networks learn")
    page.wait_for_selector("text=Section 4 of 9")


def test_a_route_is_the_order_of_a_course_and_is_remembered(visit: Visit) -> None:
    page = visit.goto("/")
    page.click("text=Hugo Larochelle")
    page.wait_for_selector("[data-route=larochelle]")
    chapters = page.locator("[data-route] li")
    assert "Feedforward" in chapters.first.inner_text()
    assert "section 8" in chapters.nth(3).inner_text()  # random fields come before autoencoders there
    page.reload()
    page.wait_for_selector("[data-route=larochelle]")
    page.click("[data-route] li >> nth=3 >> a")
    page.wait_for_selector("h1:has-text('Probabilistic graphical models')")


def _predict(page: Any, question: str, option: int) -> None:
    page.locator(f"[data-question={question}] .options button").nth(option).click()
    page.wait_for_selector(f"[data-question={question}][data-answered=true]")


def test_the_first_wrong_prediction_is_the_place_and_home_remembers_it(visit: Visit) -> None:
    page = visit.goto("/")
    page.click("text=I know backprop")
    page.wait_for_selector("[data-question=overfit]")
    assert page.locator("[data-question]").count() == 1  # the next one comes after the answer
    _predict(page, "overfit", RIGHT["overfit"])
    assert page.locator("[data-place]").count() == 0
    _predict(page, "saturated", RIGHT["saturated"])
    _predict(page, "bounce", 0)
    assert "so it is" in page.inner_text("[data-question=bounce] .right")
    assert "your prediction" in page.inner_text("[data-question=bounce] .wrong")
    assert "multiplies" in page.inner_text("[data-question=bounce] .why")
    assert page.locator("[data-place]").get_attribute("data-place") == "training"
    page.click("text=Go there")
    page.wait_for_selector("text=Section 4 of 9")

    visit.goto("/")
    page.wait_for_selector(".map li.here")
    assert "Improving the way networks learn" in page.inner_text(".map li.here")
    visit.goto("/find-your-place")
    page.click("text=Begin again")
    page.wait_for_selector("[data-place]", state="detached")
    for question, option in RIGHT.items():
        _predict(page, question, option)
    assert page.locator("[data-place]").get_attribute("data-place") == "autoencoders"
    page.click("text=Begin again")
    page.wait_for_selector("[data-place]", state="detached")


def test_the_keys_are_listed(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] >> text=full screen")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")


@pytest.mark.parametrize("place", ["/sections/nothing", "/recordings/nothing"])
def test_what_is_not_there_is_said(visit: Visit, place: str) -> None:
    page = visit.goto(place)
    page.wait_for_selector("text=no page at this address")
    visit.trouble.clear()  # the browser itself notes the 404
