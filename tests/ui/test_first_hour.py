"""The first hour: a wrong line, its diagnosis, the right line, a network trained with it, a digit that it reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.conftest import Studio, Visit

WRONG, RIGHT = "p + lr * g", "p - lr * g"


@pytest.mark.slow
def test_the_first_hour(visit: Visit, studio: Studio) -> None:
    page = visit.goto("/")
    page.click("text=Write this line")
    page.wait_for_selector(".cm-content")
    page.wait_for_timeout(500)

    page.keyboard.type(WRONG)  # the gap is selected already
    page.keyboard.press("Control+Enter")
    verdict = page.wait_for_selector(".verdict")
    assert verdict.get_attribute("data-diagnosis") == "uphill"
    assert "uphill" in verdict.inner_text()
    assert WRONG in (studio.folder / "00_update.py").read_text()

    page.wait_for_selector("text=You are going uphill: with your line", timeout=60_000)
    assert page.locator("[data-view=yours]").is_visible()
    page.click("text=A hint")
    page.wait_for_selector(".hints li")

    _retype(page, WRONG, RIGHT)
    page.click("text=Check")
    page.wait_for_selector(".verdict.passed")
    # The lab begins again with the new line; until its first frames are drawn, the old ones stand there.
    visit.until(lambda: page.locator("text=You are going uphill").count() == 0, seconds=60)
    visit.until(lambda: visit.mark("step") > 20, seconds=60)
    assert page.locator("text=You are going uphill").count() == 0
    page.wait_for_selector("nav >> text=passed")

    page.click("text=Train it with your line")
    page.wait_for_selector("article[data-run]")
    page.wait_for_selector("article[data-state=finished]", timeout=240_000)
    assert float(page.locator("[data-metric=test_accuracy] dd").inner_text().removesuffix(" %")) > 90

    page.wait_for_selector("[data-answer]:has-text('stood for optim.sgd.update and was called')", timeout=60_000)
    page.click("text=Draw a digit, and this network reads it")
    page.wait_for_selector(".pad-buttons")
    _draw_a_one(page)
    visit.until(lambda: page.locator("[data-value=read_as] dd").count() == 1)
    visit.until(lambda: page.locator("[data-value=read_as] dd").inner_text() == "1")
    page.click(".pad-buttons >> text=3")
    visit.until(lambda: page.locator("[data-value=read_as] dd").inner_text() == "3")


def _retype(page: Any, old: str, new: str) -> None:
    page.click(".cm-line >> text=return p")
    page.keyboard.press("End")
    for _ in old:
        page.keyboard.press("Backspace")
    page.keyboard.type(new)


def _draw_a_one(page: Any) -> None:
    """With the mouse, from top to bottom."""
    box = page.locator("canvas.pad").bounding_box()
    x, y, side = box["x"], box["y"], box["width"]
    page.mouse.move(x + 0.53 * side, y + 0.2 * side)
    page.mouse.down()
    for i in range(1, 13):
        page.mouse.move(x + (0.53 - 0.005 * i) * side, y + (0.2 + 0.05 * i) * side)
    page.mouse.up()
