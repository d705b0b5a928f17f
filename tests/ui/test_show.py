"""A program of a reader's own trains, and its page shows it: what changes, pause, single steps, the past, the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ui.conftest import FLAGS, STATIC, WIDTHS, Visit, _chromium, playwright

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Watched(Visit):
    """The page of a program that runs."""

    process: Any = None

    def pixels(self, view: str) -> str:
        """What an instrument has drawn."""
        return str(self.page.evaluate(f"document.querySelector('[data-view={view}] canvas').toDataURL()"))

    def status(self) -> str:
        """What the page says of the program."""
        return str(self.page.locator("[data-status]").get_attribute("data-status"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the pages are not built: make ui")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def watch(chromium: Any) -> Iterator[Callable[..., Watched]]:
    """Runs a program and opens its page. At the end: nothing in the console, nothing asked of any other host."""
    opened: list[Watched] = []

    def begin(script: str, *options: str) -> Watched:
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / script), "--no-browser", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+token=\S+", line)))
        page = chromium.new_context(viewport={"width": 1400, "height": 900}).new_page()
        visit = Watched(page, link.partition("show")[0], process=process)
        opened.append(visit)
        host = urlsplit(link).netloc
        page.on("request", lambda r: visit.trouble.append(r.url) if urlsplit(r.url).netloc not in (host, "") else None)
        page.on("pageerror", lambda error: visit.trouble.append(f"error {error}"))
        page.on("console", lambda m: visit.trouble.append(m.text) if m.type in ("error", "warning") else None)
        page.goto(link)
        visit.until(lambda: page.locator("[data-lab]").count() == 1 and visit.mark("seq") >= 1)
        return visit

    yield begin
    for visit in opened:
        visit.page.context.close()
        visit.process.send_signal(signal.SIGINT)
        visit.process.kill()
        visit.process.communicate()
        assert visit.trouble == []


def test_a_network_of_descend_is_watched_while_it_learns(watch: Callable[..., Watched]) -> None:
    visit = watch("show_my_network.py", "--epochs", "500")
    page = visit.page
    assert page.inner_text("h1") == "digits"
    seen = {view: visit.pixels(view) for view in ("activation", "weight", "loss")}
    visit.until(lambda: visit.mark("step") >= 60)
    for view, before in seen.items():
        visit.until(lambda view=view, before=before: visit.pixels(view) != before)

    # Pause: the program itself waits.
    visit.press("Pause")
    visit.until(lambda: visit.status() == "paused")
    visit.until(lambda: visit.mark("step") == _steps(visit))
    step = _steps(visit)
    page.wait_for_timeout(700)
    assert _steps(visit) == step
    visit.press("Step")
    visit.until(lambda: visit.mark("step") == step + 1)
    assert _steps(visit) == step + 1

    # Back in time: the weights as they were, and the loss up to there.
    now = visit.pixels("weight")
    page.locator(".scrub input").focus()
    page.keyboard.press("Home")
    visit.until(lambda: visit.mark("step") == 0)
    assert visit.pixels("weight") != now
    visit.press("Now")
    visit.until(lambda: visit.mark("step") == step + 1)
    assert visit.pixels("weight") == now

    # Another layer, another example: also in a pause.
    page.click("[data-layer='3']")
    visit.until(lambda: "Conv2d(8" in page.inner_text(".layer h2"))
    visit.until(lambda: "16 pictures" in _told(visit, "activation"))
    before = visit.pixels("activation")
    box = page.locator("[data-view=examples] canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.1)
    visit.until(lambda: page.input_value("#example") == "1")
    visit.until(lambda: visit.pixels("activation") != before)
    assert "layer=3" in page.url
    assert re.search(r"Example \d+: it says \d", page.inner_text("[data-view=bars] figcaption"))

    visit.press("Play")
    visit.until(lambda: visit.mark("step") > step + 10)
    visit.press("Stop training")
    visit.press("Press again to stop it")
    visit.until(lambda: visit.status() == "stopped")
    visit.press("End the program")
    visit.press("Press again to end the program")
    page.wait_for_selector("text=The program has ended")
    visit.process.wait(20)
    assert visit.process.returncode == 0


def test_a_network_of_pytorch_is_watched_while_it_learns(watch: Callable[..., Watched]) -> None:
    visit = watch("show_my_torch_network.py", "--steps", "100000")
    page = visit.page
    assert "PyTorch" in page.inner_text(".eyebrow")
    visit.until(lambda: "32 of 32" in page.inner_text("[aria-label=Examples]"), 60)
    learned = visit.pixels("plane")
    page.locator(".scrub input").focus()
    page.keyboard.press("Home")
    visit.until(lambda: visit.mark("step") == 0)
    assert visit.pixels("plane") != learned
    assert "32 of 32" not in page.inner_text("[aria-label=Examples]")
    assert "400 points" in _told(visit, "plane")
    assert page.locator("[data-layer]").count() == 5
    visit.process.kill()
    page.wait_for_selector("text=reconnecting")
    visit.trouble.clear()  # that nobody answers is what the console tells


def test_the_page_fits_every_window_and_says_what_it_shows(watch: Callable[..., Watched]) -> None:
    visit = watch("show_my_network.py", "--epochs", "500")
    page = visit.page
    visit.until(lambda: visit.mark("step") >= 2)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(250)
        assert visit.overflow() == 0, width
    canvases = page.locator("figure:not([hidden]) canvas")
    assert canvases.count() >= 9
    for i in range(canvases.count()):
        assert any(c.isdigit() for c in canvases.nth(i).get_attribute("aria-label"))


def test_the_list_leads_to_what_is_on_show(watch: Callable[..., Watched]) -> None:
    visit = watch("show_my_network.py", "--epochs", "500")
    page = visit.page
    page.click("nav a[href='/show']")
    page.click("[data-show=my-1]")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.goto(visit.address + "show/my-77")
    page.wait_for_selector("text=not on show any more")
    visit.trouble[:] = [line for line in visit.trouble if "404" not in line]


def _steps(visit: Watched) -> int:
    """How many steps the program has taken, whatever the page shows."""
    return int(visit.page.evaluate("fetch('/api/shows').then(r => r.json()).then(rows => rows[0].step)"))


def _told(visit: Watched, view: str) -> str:
    return str(visit.page.locator(f"[data-view={view}] canvas").get_attribute("aria-label"))
