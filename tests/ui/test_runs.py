"""The Runs page: a run of the command line as it learns, two runs compared, mistakes as pictures, stop and resume."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.ui.conftest import WIDTHS, Studio, Visit

SMALL = ("--set", "hidden=16", "--set", "batch_size=250")


def environment(studio: Studio) -> dict[str, str]:
    return os.environ | {"DESCEND_HOME": str(studio.home), "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "200"}


def descend(studio: Studio, *words: str) -> str:
    """What a command in the terminal prints, whether it succeeds or not."""
    command = [sys.executable, "-m", "descend", *words]
    done = subprocess.run(command, env=environment(studio), capture_output=True, text=True, check=False, timeout=120)
    return done.stdout


@contextmanager
def training(studio: Studio, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A training in the terminal that is still under way."""
    command = [sys.executable, "-m", "descend", "train", "digits-mlp", *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen(command, env=environment(studio), **quiet)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def trained(studio: Studio) -> list[str]:
    """The names of two finished runs and one that failed at once."""
    descend(studio, "train", "digits-mlp", *SMALL, "--epochs", "3")
    descend(studio, "train", "digits-mlp", *SMALL, "--epochs", "2", "--set", "lr=0.1")
    descend(studio, "train", "digits-mlp", *SMALL, "--set", "lr=1e30")
    return sorted(path.name for path in (studio.home / "runs").iterdir())[-3:]


def state(page: Any) -> str:
    return str(page.locator("article").get_attribute("data-state"))


def epoch(page: Any) -> int:
    """The epoch that the page says was the last one."""
    text = page.locator("article p.state").inner_text()
    return int(text.partition("epoch ")[2].split()[0])


def test_a_run_of_the_terminal_is_seen_learning_stopped_and_resumed(visit: Visit, studio: Studio) -> None:
    page = visit.goto("/runs")
    page.wait_for_selector("text=Train a recipe")
    with training(studio, *SMALL, "--epochs", "100000") as process:
        page.wait_for_selector(".list .state.running", timeout=60_000)
        page.click(".list li a >> nth=0")
        page.wait_for_selector("article[data-state=running]")
        visit.until(lambda: epoch(page) >= 2)
        seen, summary = epoch(page), _summary(page)
        visit.until(lambda: epoch(page) >= seen + 3)
        visit.until(lambda: _summary(page) != summary)  # the curves grow
        visit.press("Stop")
        page.wait_for_selector("article[data-state=stopped]", timeout=60_000)
        assert process.wait(30) == 1
    stopped = epoch(page)
    visit.press("Resume")
    page.wait_for_selector("text=It goes on from its last checkpoint")
    page.wait_for_selector("article[data-state=running]", timeout=60_000)
    visit.until(lambda: epoch(page) > stopped)
    visit.press("Stop")
    page.wait_for_selector("article[data-state=stopped]", timeout=60_000)


def _summary(page: Any) -> str:
    """What a screen reader hears of the first chart."""
    return str(page.locator("article canvas").first.get_attribute("aria-label"))


def test_two_runs_beside_each_other(visit: Visit, trained: list[str]) -> None:
    first, second, _ = trained
    page = visit.goto(f"/runs/{first}")
    page.wait_for_selector("article[data-state=finished]")
    page.select_option("article select", second)
    page.wait_for_selector("[data-setting=lr]")
    assert page.locator("[data-setting]").evaluate_all("rows => rows.map((r) => r.dataset.setting)") == ["lr", "epochs"]
    assert page.locator("[data-setting=lr] td").all_inner_texts() == ["0.3", "0.1"]
    row = page.locator("[data-compared=test_accuracy]")
    values = [float(text.split()[0]) for text in row.locator("td").all_inner_texts()]
    best = row.locator("td.best").inner_text()
    assert float(best.split()[0]) == max(values)
    assert "better" in best
    visit.until(lambda: "the other" in _summary(page))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(200)
        assert visit.overflow() == 0, width
    page.select_option("article select", "")
    page.wait_for_selector("[data-compared]", state="detached")


def test_the_mistakes_and_the_confusion_are_pictures(visit: Visit, trained: list[str]) -> None:
    page = visit.goto(f"/runs/{trained[0]}")
    for name, says in (("mistakes", "surest"), ("confusion", "for which")):
        picture = page.locator(f"[data-picture={name}] img")
        picture.scroll_into_view_if_needed()
        visit.until(lambda picture=picture: picture.evaluate("image => image.naturalWidth") > 300)
        assert says in picture.get_attribute("alt")
    assert page.locator("[data-picture=curve]").count() == 0  # it is drawn live, above


def test_the_list_says_what_the_terminal_says(visit: Visit, studio: Studio, trained: list[str]) -> None:
    page = visit.goto("/runs")
    page.wait_for_selector("[data-headline]")
    listed = descend(studio, "runs").splitlines()
    for name in trained[:2]:
        shown = page.locator(f".list a[href$='{name}'] [data-headline=test_accuracy]").inner_text()
        assert shown.startswith("test accuracy")
        assert any(line.startswith(name) and line.rstrip().endswith(shown) for line in listed)


def test_a_run_that_failed_says_why_and_can_be_trained_otherwise(visit: Visit, trained: list[str]) -> None:
    page = visit.goto(f"/runs/{trained[2]}")
    failure = page.wait_for_selector(".failure").inner_text()
    assert "loss of step" in failure
    assert "learning rate" in failure
    assert "nothing to resume" in failure
    assert page.get_by_role("button", name="Resume").count() == 0
    visit.press("Train again…")
    assert page.locator("#setting-lr").input_value() == "1e+30"
    page.fill("#setting-lr", "0.3")
    page.fill("#setting-epochs", "1")
    visit.press("Train")
    page.wait_for_selector("article[data-state=finished]", timeout=60_000)
    assert page.locator(".failure").count() == 0
    assert "%" in page.locator("[data-metric=test_accuracy] dd").inner_text()


def test_a_setting_that_cannot_be_is_refused_with_words(visit: Visit, studio: Studio, trained: list[str]) -> None:
    page = visit.goto("/runs")
    page.click("form summary")
    page.fill("#setting-lr", "-1")
    count = len(list((studio.home / "runs").iterdir()))
    visit.press("Train")
    toast = page.wait_for_selector(".toast.error").inner_text()
    assert "lr cannot be" in toast
    assert "above 0" in toast
    assert page.url.endswith("/runs")
    assert len(list((studio.home / "runs").iterdir())) == count
    visit.trouble.clear()  # the browser itself tells of the answer 400
