from __future__ import annotations

import http.client
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from descend.engine.errors import DescendError
from descend.studio import launch
from descend.studio.guard import Tokens
from descend.studio.launch import Link


@contextmanager
def started(*options: str, home: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "DESCEND_HOME": str(home), **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "descend.studio", "--port", "0", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=home,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def fetch(address: str, cookie: str = "") -> tuple[int, str, str]:
    """Status, cookie and body of an address, as soon as somebody answers there."""
    host, port, path = re.fullmatch(r"http://([\d.]+):(\d+)(/\S*)", address).groups()  # type: ignore[union-attr]
    for _ in range(200):
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            connection.request("GET", path, headers={"cookie": cookie})
            answer = connection.getresponse()
            return answer.status, (answer.getheader("set-cookie") or "").partition(";")[0], answer.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError(f"nobody answers at {address}")


def link_in(text: str) -> str:
    return str(re.search(r"http://\S+", text)[0])  # type: ignore[index]


def test_from_the_link_to_the_end(home: Path) -> None:
    with started("--no-browser", home=home) as process:
        link = link_in(line(process))
        token = link.partition("token=")[2]
        status, cookie, _ = fetch(link)
        assert status == 303
        assert fetch(link.partition("?")[0] + "api/guide", cookie)[0] == 200
        assert fetch(link)[0] == 401
        command = " ".join(part for one in psutil.process_iter(["cmdline"]) for part in one.info["cmdline"] or [])
        assert token not in command
        assert cookie.partition("=")[2] not in command
        assert "Enter" in line(process)
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        another = link_in(line(process))
        assert fetch(another)[0] == 303
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert rest == "The studio is closed.\n"
        assert process.returncode == 0


def test_it_ends_while_a_browser_is_there(home: Path) -> None:
    with started("--no-browser", home=home) as process:
        link = link_in(line(process))
        cookie = fetch(link)[1]
        port = int(link.split(":")[2].partition("/")[0])
        kept_alive = http.client.HTTPConnection("127.0.0.1", port)
        kept_alive.request("GET", "/api/guide", headers={"cookie": cookie})
        assert kept_alive.getresponse().read()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        kept_alive.close()


def test_the_browser_gets_a_file_that_nobody_else_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(launch.webbrowser, "open", lambda uri: opened.append(uri) or True)
    link, said = Link(1234, Tokens()), list[str]()
    with launch._shown(link, said.append, browser=True):
        (uri,) = opened
        file = Path(uri.removeprefix("file://"))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        token = re.search(r"0;url=http://127\.0\.0\.1:1234/\?token=([\w-]+)\"", file.read_text())
        assert token
        assert link.tokens.redeem(token[1])
        assert token[1] not in uri
        assert token[1] not in "".join(said)
    assert not file.exists()


def test_no_process_and_no_line_bears_the_token_while_a_browser_opens(home: Path) -> None:
    """The browser is a script that writes down what it was given, and stays as long as a browser does."""
    opened, browser = home / "opened.txt", home / "browser.py"
    browser.write_text(
        f"#!{sys.executable}\nimport os, sys, time\nos.closerange(0, 3)\n"
        f"with open({str(opened)!r}, 'w') as file:\n    file.write(sys.argv[1])\ntime.sleep(60)\n"
    )
    browser.chmod(0o755)
    with started(home=home, BROWSER=f"{browser} %s &", DISPLAY=":0") as process:
        said = line(process)
        for _ in range(200):
            if opened.exists() and opened.read_text():
                break
            time.sleep(0.05)
        file = Path(opened.read_text().strip().removeprefix("file://"))
        token = re.search(r"token=([\w-]+)", file.read_text())[1]  # type: ignore[index]
        everything = psutil.process_iter(["cmdline", "environ"])
        shown = [str(one.info) for one in everything if one.pid != os.getpid()]
        assert any(str(browser) in one for one in shown)
        assert not [one for one in shown if token in one]
        assert token not in said
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert token not in rest
        assert not file.exists()
        for one in psutil.process_iter(["cmdline"]):
            if str(browser) in " ".join(one.info["cmdline"] or []):
                one.kill()


@pytest.mark.parametrize("there", [True, False])
def test_without_a_browser_the_link_is_said(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if there:
        monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(launch.webbrowser, "open", lambda uri: False)
    link, said = Link(1234, Tokens()), list[str]()
    with launch._shown(link, said.append, browser=True):
        assert link.tokens.redeem(link_in(said[0]).partition("token=")[2])


def test_a_free_port_is_found_and_a_taken_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with launch.listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(DescendError, match="cannot be used") as refused:
            launch.listen(port)
        assert "in use" in str(refused.value.given)
        assert "--port" in str(refused.value.fix)
        monkeypatch.setattr(launch, "PORT", port)
        with launch.listen(None) as second:
            assert second.getsockname()[1] != port
            assert second.getsockname()[0] == "127.0.0.1"


def test_the_log_names_no_requests() -> None:
    configuration = launch.configuration(lambda *_: None)  # type: ignore[arg-type]
    assert not configuration.access_log
    assert configuration.ws_max_size == launch.LARGEST_MESSAGE
    assert not configuration.ws_per_message_deflate
