"""A running studio and a real browser. Without Chromium, Playwright or the built pages these tests are skipped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the journeys need playwright")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STATIC = Path(__file__).parents[2] / "src" / "descend" / "studio" / "static"
WIDTHS = (360, 800, 1400)


@dataclass
class Studio:
    """The address of a studio, the learner's folder, and what a browser needs to be let in.

    Attributes:
        key: the link that was printed, and once it has been opened the state of a browser that knows the studio.
        log: the file that the server writes its errors to.
    """

    address: str
    folder: Path
    process: subprocess.Popen[str]
    log: Path
    home: Path
    key: Any = None

    def link(self) -> str:
        """A new link, as Enter in the terminal gives it."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return _link(self.process)


@dataclass
class Visit:
    """A page of the studio and what went wrong on it so far."""

    page: Any
    address: str
    trouble: list[str] = field(default_factory=list)

    def goto(self, path: str) -> Any:
        """Open a place in the studio."""
        self.page.goto(self.address + path.removeprefix("/"))
        return self.page

    def press(self, button: str) -> None:
        """Click a button of this very name."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def mark(self, name: str) -> float:
        """A number that the lab of the page carries: seq, step or latency."""
        return float(self.page.locator("[data-lab]").first.get_attribute(f"data-{name}"))

    def value(self, name: str) -> float:
        """A number that the lab of the page reads out."""
        text = self.page.locator(f"[data-value={name}] dd").inner_text()
        return float(text.replace("\u202f", "").replace("−", "-"))

    def until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for it."""
        for _ in range(round(seconds * 20)):
            if true():
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"not so after {seconds:g} s")

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _chromium() -> str:
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))]
    return found[0] if found else pytest.skip("no Chromium is installed")


def _link(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return next(found[0] for line in process.stdout if (found := re.search(r"http://\S+token=\S+", line)))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a folder and a home of its own."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the pages are not built: npm run build in ui/")
    folder = tmp_path_factory.mktemp("learner")
    home = tmp_path_factory.mktemp("home")
    log = home / "log.txt"
    command = [sys.executable, "-m", "descend.studio", "--no-browser", "--port", "0", "--dir", str(folder)]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | {"DESCEND_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
    try:
        link = _link(process)
        yield Studio(link.partition("?")[0], folder, process, log, home, link)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture(scope="module")
def browser(studio: Studio) -> Iterator[Any]:
    """A Chromium that the studio knows."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        first = browser.new_context()
        first.new_page().goto(studio.key)  # the link is good once
        studio.key = first.storage_state()
        first.close()
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, studio: Studio) -> Iterator[Visit]:
    """A fresh window. At its end: nothing in the console, and nothing was asked of any other host."""
    context = browser.new_context(storage_state=studio.key, viewport={"width": 1400, "height": 900})
    visit = Visit(context.new_page(), studio.address)
    host = urlsplit(studio.address).netloc

    def asked(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != host:
            visit.trouble.append(f"asked {request.url}")

    visit.page.on("request", asked)
    visit.page.on("pageerror", lambda error: visit.trouble.append(f"error {error}"))
    visit.page.on("console", lambda m: visit.trouble.append(m.text) if m.type in ("error", "warning") else None)
    yield visit
    context.close()
    assert visit.trouble == []
