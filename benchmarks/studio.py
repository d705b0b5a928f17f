"""Is the studio quick? Frames of the playground in headless Chromium, their latency, the server's load, the start."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from playwright.sync_api import Page, sync_playwright

from descend.recipes.recipe import Expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS, ROUNDS = 20, 3
SOURCE = "the studio's goals"
EXPECT = (
    Expect(metric="first_byte_seconds", at_most=0.5, source=SOURCE),
    Expect(metric="lab_usable_seconds", at_most=1.5, source=SOURCE),
    Expect(metric="frames_per_second", at_least=28, source=SOURCE),
    Expect(metric="latency_p95_ms", at_most=15, source=SOURCE),
    Expect(metric="server_cpu_percent", at_most=25, source=SOURCE),
)

# Every change of the frame's number is noted in the page itself: a question from outside would come too late.
WATCH = """() => {
  const lab = document.querySelector('[data-lab]');
  window.seen = [];
  new MutationObserver(() => window.seen.push([+lab.dataset.seq, +lab.dataset.latency, +lab.dataset.step]))
    .observe(lab, { attributes: true, attributeFilter: ['data-seq'] });
}"""


@dataclass(frozen=True)
class Found:
    """What was measured: medians over the rounds."""

    numbers: dict[str, float]

    def metrics(self) -> dict[str, float]:
        """The numbers by name."""
        return self.numbers

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.3g}" for name, value in self.numbers.items())


def run() -> Found:
    """Start a studio, open the playground in a browser that it knows, and let it train."""
    with _studio() as (process, link, first_byte), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(link)
        usable = _open_playground(page, link)
        rounds = [_watched(page, process.pid) for _ in range(ROUNDS)]
        browser.close()
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return Found({"first_byte_seconds": first_byte, "lab_usable_seconds": usable, **medians})


@contextmanager
def _studio() -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """A studio with a home of its own: its process, its link, and the seconds from its start to its first byte."""
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "descend.studio", "--no-browser", "--port", "0", "--dir", home],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"DESCEND_HOME": home},
        )  # fmt: skip
        try:
            link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+token=\S+", line)))
            yield process, link, _first_byte(link, began)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            process.stdin.close()
            process.stdout.close()


def _first_byte(link: str, began: float) -> float:
    address = link.partition("//")[2].partition("/")[0]
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/")  # without the token: refused, and the token is still good
    connection.getresponse().read()
    return time.perf_counter() - began


def _open_playground(page: Page, link: str) -> float:
    """Seconds until the first frame is drawn, the second time that the lab is opened."""
    address = link.partition("?")[0] + "labs/playground"
    for _ in range(2):
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("[data-lab][data-seq]")
        seconds = time.perf_counter() - began
    page.get_by_role("button", name="Play").click()
    page.evaluate(WATCH)
    return seconds


def _watched(page: Page, server: int) -> dict[str, float]:
    process = psutil.Process(server)
    page.evaluate("window.seen = []")
    busy, began = sum(process.cpu_times()[:2]), time.perf_counter()
    page.wait_for_timeout(SECONDS * 1000)
    seconds = time.perf_counter() - began
    percent = 100 * (sum(process.cpu_times()[:2]) - busy) / seconds
    seen = page.evaluate("window.seen")
    frames = {seq: latency for seq, latency, _ in seen}
    if len({step for _, _, step in seen}) < SECONDS:
        raise SystemExit("the playground does not train: its step stands still")
    return {
        "frames_per_second": len(frames) / seconds,
        "latency_p95_ms": statistics.quantiles(frames.values(), n=20)[-1],
        "server_cpu_percent": percent,
    }
