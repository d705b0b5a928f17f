"""Getting one file over HTTP: resumed where it was cut off, tried again, checked, never left half written."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import IO

import pooch
import requests
import urllib3

from descend.data.datasets.entry import DataFile
from descend.data.datasets.progress import Listener, Progress
from descend.data.errors import DownloadError

CHUNK = 1 << 13  # bytes; a cut connection loses less than one
_TRANSIENT = frozenset({408, 425, 429})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class DroppedError(Exception):
    """The transfer stopped before its end; another try may get further."""


class MirrorError(Exception):
    """This address cannot deliver the file; another may."""


@dataclass(frozen=True)
class Patience:
    """How long to bear with a server; times in seconds.

    tries: how many in a row may bring nothing; the pause between them doubles from `first` up to `longest`.
    connect: how long a connection may take to open. silence: how long it may stay without a byte.
    """

    tries: int = 4
    connect: float = 10.0
    first: float = 0.5
    longest: float = 8.0
    silence: float = 30.0

    def pause(self, failures: int) -> float:
        return min(self.first * 2.0 ** (failures - 1), self.longest)


@dataclass(frozen=True)
class Transfer:
    """A downloader for pooch: calling it puts the whole, checked file at `output_file`.

    What has arrived is kept in NAME.part beside the final file; the next try, address or process goes on
    from there.
    """

    file: DataFile
    mirrors: tuple[str, ...]
    listener: Listener
    patience: Patience = field(default_factory=Patience)

    def __call__(self, url: str, output_file: str, shop: pooch.Pooch) -> None:  # noqa: ARG002
        part = Path(shop.path) / f"{self.file.name}.part"
        reasons = []
        for mirror in self.mirrors:
            address = mirror + self.file.name if mirror.endswith("/") else mirror
            try:
                self._sized(address)._checked(address, part)
            except MirrorError as error:
                reasons.append(f"{mirror} {error}")
                self._report(part, f"{mirror} {error}")
            else:
                part.replace(output_file)
                return
        raise DownloadError(
            f"{self.file.name} could not be downloaded",
            given="; ".join(reasons),
            needed=f"{self._size or 'the'} bytes with the checksum {self.file.checksum}",
            fix="check the connection and try again (what has arrived is kept), "
            "or put the files into a directory and name it in DESCEND_DATA",
        )

    @property
    def _size(self) -> int:
        return self.file.size or 0

    def _sized(self, url: str) -> Transfer:
        """This transfer with the size that the address says, where none is known."""
        if self.file.size is not None:
            return self
        try:
            # GET and not HEAD: addresses that are signed for one of them refuse the other.
            with self._ask(url, 0) as response:
                said = response.headers.get("Content-Length", "")
                status = f"{response.status_code} {response.reason}"
        except DroppedError as error:
            raise MirrorError(str(error)) from error
        if response.status_code != HTTPStatus.OK or not said.isdigit():
            raise MirrorError(f"answered {status} without the size of the file")
        return replace(self, file=replace(self.file, size=int(said)))

    def _checked(self, url: str, part: Path) -> None:
        # Bytes of several answers may not fit together; the second time all must come in one.
        for resume in (True, False):
            self._whole(url, part, resume)
            if self._is_right(part):
                return
            part.unlink()
            self._report(part, "the checksum is wrong: starting again")
        raise MirrorError("sends other bytes: the checksum is wrong")

    def _is_right(self, part: Path) -> bool:
        algorithm, _, digest = self.file.checksum.partition(":")
        return bool(pooch.file_hash(str(part), alg=algorithm) == digest)

    def _whole(self, url: str, part: Path, resume: bool) -> None:
        failures, most = 0, size(part)
        while size(part) != self._size:
            try:
                self._stream(url, part, resume)
            except DroppedError as error:
                # Getting further than ever is progress, however little: it ends. A part may also shrink.
                failures = 1 if size(part) >= most + CHUNK else failures + 1
                most = max(most, size(part))
                self._wait(failures, part, error)

    def _wait(self, failures: int, part: Path, error: DroppedError) -> None:
        if failures >= self.patience.tries:
            raise MirrorError(f"{error}, {failures} times in a row") from error
        pause = self.patience.pause(failures)
        self._report(part, f"{error}: trying again in {pause:g} s")
        time.sleep(pause)

    def _stream(self, url: str, part: Path, resume: bool) -> None:
        if not resume or size(part) > self._size:
            part.unlink(missing_ok=True)
        have = size(part)
        with self._ask(url, have) as response:
            start = self._start(response, have, part)
            with part.open("ab") as file:
                file.truncate(start)
                self._receive(response, file, start)

    def _ask(self, url: str, have: int) -> requests.Response:
        # identity: a server that packs the file once more, or unpacks it, would change its bytes.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        try:
            timeout = self.patience.connect, self.patience.silence
            return requests.get(url, headers=headers, stream=True, timeout=timeout)
        except requests.RequestException as error:
            raise DroppedError(f"gave no answer ({type(error).__name__})") from error

    def _start(self, response: requests.Response, have: int, part: Path) -> int:
        """Where the bytes of the answer belong in the file."""
        status = response.status_code
        if status == HTTPStatus.OK:
            self._compare_size(response.headers.get("Content-Length"))
            return 0
        if status == HTTPStatus.PARTIAL_CONTENT:
            return self._resumed(response.headers.get("Content-Range", ""), have, part)
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise DroppedError("has no bytes to go on with")
        if status in _TRANSIENT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DroppedError(f"answered {status} {response.reason}")
        raise MirrorError(f"answered {status} {response.reason}")

    def _resumed(self, content_range: str, have: int, part: Path) -> int:
        match = _CONTENT_RANGE.fullmatch(content_range)
        if match is None or int(match[1]) != have:
            # Nothing asked for is resumed from now on: without a part, there is no Range in the request.
            part.unlink(missing_ok=True)
            raise DroppedError(f"was asked for the bytes from {have} and sent {content_range or 'others'}")
        self._compare_size(None if match[3] == "*" else match[3])
        return have

    def _compare_size(self, said: str | None) -> None:
        if said is not None and said != str(self._size):
            raise MirrorError(f"has another file: {said} bytes, not {self._size}")

    def _receive(self, response: requests.Response, file: IO[bytes], done: int) -> None:
        self.listener(Progress(self.file.name, done, self._size))
        for chunk in _chunks(response):
            done += len(chunk)
            if done > self._size:
                file.truncate(0)
                raise MirrorError(f"sends more than {self._size} bytes")
            file.write(chunk)
            self.listener(Progress(self.file.name, done, self._size))
        file.flush()
        os.fsync(file.fileno())
        if done < self._size:
            raise DroppedError(f"stopped after {done} of {self._size} bytes")

    def _report(self, part: Path, note: str) -> None:
        self.listener(Progress(self.file.name, size(part), self._size, note))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    try:
        # Undecoded: the file is the bytes that were sent, whatever the headers call them.
        yield from response.raw.stream(CHUNK, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise DroppedError(f"broke off ({type(error).__name__})") from error


def size(path: Path) -> int:
    """The size of a file in bytes, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0
