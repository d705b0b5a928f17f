"""What a reader takes along from a lab: recordings, notebooks, pictures on the whole screen."""

from __future__ import annotations

import json
from typing import Any

from tests.ui.conftest import WIDTHS, Visit


def _shown(page: Any, view: str) -> str:
    return str(page.evaluate(f"document.querySelector('[data-view={view}] canvas').toDataURL()"))


def test_a_lab_is_recorded_played_again_and_deleted(visit: Visit) -> None:
    page = visit.goto("/labs/playground?data=xor&lr=0.1")
    visit.until(lambda: visit.mark("seq") >= 1)
    visit.press("Play")
    visit.until(lambda: visit.mark("step") >= 40)
    visit.press("Pause")
    visit.until(lambda: page.locator("[data-lab]").get_attribute("data-playing") == "false")
    page.wait_for_timeout(300)
    end, loss = visit.mark("step"), visit.value("train_loss")
    visit.press("Record")
    page.click("[data-recording] a")

    page.wait_for_selector("text=Nothing is computed here")
    visit.until(lambda: visit.mark("seq") >= 1)
    assert visit.mark("step") == 0
    begun = visit.value("train_loss")
    assert begun > loss
    assert "xor" in page.inner_text("[aria-label='What was recorded']")
    page.locator(".scrub input").focus()
    page.keyboard.press("End")
    visit.until(lambda: visit.mark("step") == end)
    visit.until(lambda: visit.value("train_loss") == loss)
    last = _shown(page, "plane")
    page.keyboard.press("Home")
    visit.until(lambda: visit.mark("step") == 0)
    assert _shown(page, "plane") != last
    page.select_option(".speed select", "10")
    visit.press("Play")
    visit.until(lambda: visit.mark("step") == end)  # and there it rests
    visit.until(lambda: page.locator("[data-lab]").get_attribute("data-playing") == "false")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert visit.overflow() == 0, width
    page.set_viewport_size({"width": 1400, "height": 900})

    visit.press("Delete")
    page.wait_for_selector("[data-lab=playground]")
    page.wait_for_timeout(300)
    assert page.locator("[data-recording]").count() == 0


def test_a_recording_leads_back_to_its_lab(visit: Visit) -> None:
    page = visit.goto("/labs/playground?data=gauss&seed=5")
    visit.until(lambda: visit.mark("seq") >= 1)
    visit.press("Step")
    visit.press("Record")
    page.click("[data-recording] a")
    page.click("text=Open the lab like this")
    visit.until(lambda: page.input_value("#param-data") == "gauss")
    assert page.url.endswith("/labs/playground?data=gauss&seed=5")
    visit.until(lambda: page.locator("[data-param=seed] output").text_content() == "5")
    page.click("[aria-label^='Delete the recording']")
    page.wait_for_selector("[data-recording]", state="detached")


def test_a_lab_becomes_a_notebook_with_its_parameters(visit: Visit) -> None:
    page = visit.goto("/labs/playground?data=spiral&layers=8")
    visit.until(lambda: visit.mark("seq") >= 1)
    with page.expect_download() as download:
        visit.press("Notebook")
    assert download.value.suggested_filename == "playground.ipynb"
    notebook = json.loads(download.value.path().read_text())
    text = "".join(line for cell in notebook["cells"] for line in cell["source"])
    assert notebook["nbformat"] == 4
    assert "data = 'spiral'" in text
    assert "layers = [8]" in text


def test_f_gives_the_picture_under_the_pointer_the_whole_screen(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    canvas = page.locator("[data-view=plane] canvas")
    before = canvas.bounding_box()
    visit.press("Step")  # the button that was pressed keeps the focus, and the key is heard all the same
    canvas.hover()
    page.keyboard.press("f")
    whole = "document.fullscreenElement?.dataset.view ?? (document.fullscreenElement ? 'lab' : '')"
    visit.until(lambda: page.evaluate(whole) == "plane")
    visit.until(lambda: canvas.bounding_box()["height"] > before["height"] + 100)
    page.keyboard.press("f")
    visit.until(lambda: page.evaluate(whole) == "")
    visit.until(lambda: abs(canvas.bounding_box()["height"] - before["height"]) < 2)
    page.mouse.move(700, 60)
    page.keyboard.press("f")
    visit.until(lambda: page.evaluate(whole) == "lab")
    assert page.locator(".transport").is_visible()
    page.keyboard.press("f")
    visit.until(lambda: page.evaluate(whole) == "")
