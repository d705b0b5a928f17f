"""One file from servers that misbehave: always the right bytes, or an error and no file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pooch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.data import DownloadError
from descend.data.datasets.transfer import CHUNK, Patience, Transfer

Get = Callable[..., list[str]]


@pytest.fixture
def get(tiny, brisk, tmp_path) -> Get:
    """Fetch the file into tmp_path through pooch; the notes that were reported on the way."""

    def run(folder: Path = tmp_path, patience: Patience = brisk, mirrors: tuple[str, ...] = ()) -> list[str]:
        (file,) = tiny.files
        notes: list[str] = []
        transfer = Transfer(file, mirrors or tiny.mirrors, lambda event: notes.append(event.note), patience)
        pooch.get_logger().setLevel("WARNING")
        pooch.Pooch(folder, "", registry={file.name: file.checksum}).fetch(file.name, downloader=transfer)
        return [note for note in notes if note]

    return run


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_good_server_is_asked_once(get, site, body, tmp_path):
    assert get() == []
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log == [("/tiny.bin", None)]


def test_a_dropped_connection_is_resumed_where_it_broke(get, site, acts, body, tmp_path):
    site.script = [acts.drops(2 * CHUNK), acts.drops(0), acts.drops(CHUNK + 77)]
    notes = get()
    assert left(tmp_path) == {"tiny.bin": body}
    assert [start for _, start in site.log] == [None, 2 * CHUNK, 2 * CHUNK, 3 * CHUNK + 77]
    assert site.sent == len(body), "no byte is sent twice"
    assert len(notes) == 3
    assert "trying again in 0 s" in notes[0]


def test_what_an_earlier_process_left_is_gone_on_with(get, site, body, tmp_path):
    (tmp_path / "tiny.bin.part").write_bytes(body[:5000])
    get()
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log == [("/tiny.bin", 5000)]


def test_a_part_that_is_whole_already_needs_no_server(get, site, body, tmp_path):
    (tmp_path / "tiny.bin.part").write_bytes(body)
    get()
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log == []


@pytest.mark.parametrize("kind", ["noise", "noise of full length", "too long", "a wrong byte"])
def test_a_spoilt_part_is_replaced(get, body, tmp_path, kind):
    spoilt = {
        "noise": bytes(5000),
        "noise of full length": bytes(len(body)),
        "too long": body + b"!",
        "a wrong byte": b"?" + body[1:70000],
    }
    (tmp_path / "tiny.bin.part").write_bytes(spoilt[kind])
    get()
    assert left(tmp_path) == {"tiny.bin": body}


def test_a_part_that_is_too_long_is_not_asked_to_go_on(get, site, body, tmp_path):
    (tmp_path / "tiny.bin.part").write_bytes(body + b"!")
    get()
    assert site.log == [("/tiny.bin", None)]


ODD = ["unsaid_length", "refuses_range", "other_range", "lying_range", "nameless_range", "called_packed"]


@pytest.mark.parametrize("name", ODD)
def test_odd_but_usable_servers(get, site, acts, body, tmp_path, name):
    (tmp_path / "tiny.bin.part").write_bytes(body[:5000])
    site.habit = getattr(acts, name)
    site.script = [site.habit, acts.drops(2 * CHUNK)]
    get()
    assert left(tmp_path) == {"tiny.bin": body}


def test_a_server_without_ranges_begins_again(get, site, acts, body, tmp_path):
    site.script = [acts.ignores_range(acts.drops(2 * CHUNK)), acts.ignores_range()]
    get()
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.sent == 2 * CHUNK + len(body)


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(get, site, acts, body, tmp_path, code):
    site.script = [acts.status(code)]
    assert f"answered {code}" in get()[0]
    assert left(tmp_path) == {"tiny.bin": body}


def test_a_silent_server_is_given_up_on_and_tried_again(get, site, acts, body, tmp_path, brisk):
    site.script = [acts.hangs(2 * CHUNK)]
    get(patience=replace(brisk, silence=0.5, tries=20))
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log[1] == ("/tiny.bin", 2 * CHUNK)


def test_a_slow_server_is_waited_for(get, site, acts, body, tmp_path, brisk):
    site.script = [acts.slow(0.005)]
    assert get() == []
    assert left(tmp_path) == {"tiny.bin": body}


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410])
def test_a_lasting_refusal_is_not_tried_again(get, site, acts, tmp_path, code):
    site.habit = acts.status(code)
    with pytest.raises(DownloadError, match=f"answered {code}"):
        get()
    assert len(site.log) == 1
    assert left(tmp_path) == {}


def test_wrong_bytes_are_deleted_and_refused(get, site, acts, tmp_path):
    site.habit = acts.other_bytes
    with pytest.raises(DownloadError, match="checksum is wrong"):
        get()
    assert left(tmp_path) == {}
    assert len(site.log) == 2


@pytest.mark.parametrize("by", [-1, 1, 100_000])
def test_a_wrong_size_is_refused_before_a_byte_is_kept(get, site, acts, body, tmp_path, by):
    site.habit = acts.other_size(by)
    with pytest.raises(DownloadError, match=f"another file: {len(body) + by} bytes"):
        get()
    assert left(tmp_path) == {}


def test_a_wrong_size_in_a_resumed_answer_is_refused(get, site, acts, body, tmp_path):
    (tmp_path / "tiny.bin.part").write_bytes(body[:5000])
    site.habit = acts.other_size(10)
    with pytest.raises(DownloadError, match="another file"):
        get()
    assert left(tmp_path) == {"tiny.bin.part": body[:5000]}, "what is right so far is kept for another server"


def test_a_server_without_an_end_is_left(get, site, acts, body, tmp_path):
    site.habit = acts.endless
    with pytest.raises(DownloadError, match=f"more than {len(body)} bytes"):
        get()
    assert left(tmp_path) == {"tiny.bin.part": b""}


@pytest.mark.parametrize("name", ["drops", "always_short", "stuck"])
def test_a_server_that_never_gets_anywhere_is_left_after_some_tries(get, site, acts, name):
    site.habit = acts.drops(0) if name == "drops" else getattr(acts, name)
    with pytest.raises(DownloadError, match="4 times in a row"):
        get()
    assert len(site.log) == 4


def test_a_server_that_always_gets_somewhere_is_not_left(get, site, acts, body, tmp_path):
    site.habit = acts.drops(CHUNK)
    get()
    assert left(tmp_path) == {"tiny.bin": body}
    assert len(site.log) == len(body) // CHUNK + 1


def test_mirrors_are_tried_in_order_and_share_what_has_arrived(get, site, acts, body, tmp_path):
    site.files |= {"/one/tiny.bin": body, "/two/tiny.bin": body}
    site.script = [acts.well, acts.drops(3 * CHUNK), *[acts.status(500)] * 3]
    notes = get(mirrors=tuple(site.url + name for name in ("none/", "one/", "two/", "three/")))
    assert left(tmp_path) == {"tiny.bin": body}
    asked = [path for path, _ in site.log]
    assert asked == ["/none/tiny.bin"] + ["/one/tiny.bin"] * 4 + ["/two/tiny.bin"]
    assert site.log[-1][1] == 3 * CHUNK
    assert any("404" in note for note in notes)


def test_where_no_mirror_delivers_each_is_named_with_its_reason(get, site, acts):
    with pytest.raises(DownloadError) as error:
        get(mirrors=(site.url + "one/", site.url + "two/", "http://127.0.0.1:9/"))
    for part in ("one/ answered 404", "two/ answered 404", "127.0.0.1:9/ gave no answer (ConnectionError)"):
        assert part in error.value.given
    assert "DESCEND_DATA" in error.value.fix


def test_progress_grows_to_the_size_and_starts_where_the_part_ends(tiny, site, acts, body, brisk, tmp_path):
    (tmp_path / "tiny.bin.part").write_bytes(body[:CHUNK])
    events = []
    (file,) = tiny.files
    transfer = Transfer(file, tiny.mirrors, events.append, brisk)
    site.script = [acts.drops(CHUNK)]
    pooch.Pooch(tmp_path, "", registry={file.name: file.checksum}).fetch(file.name, downloader=transfer)
    done = [event.done for event in events]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (CHUNK, len(body))
    assert {(event.file, event.total) for event in events} == {("tiny.bin", len(body))}


def test_an_error_in_the_listener_stops_and_keeps_what_arrived(tiny, brisk, body, tmp_path):
    def tired(event):
        if event.done >= 2 * CHUNK:
            raise KeyboardInterrupt

    (file,) = tiny.files
    with pytest.raises(KeyboardInterrupt):
        pooch.Pooch(tmp_path, "", registry={file.name: file.checksum}).fetch(
            file.name, downloader=Transfer(file, tiny.mirrors, tired, brisk)
        )
    assert left(tmp_path) == {"tiny.bin.part": body[: 2 * CHUNK]}


def test_the_bytes_are_on_the_disk_before_the_file_gets_its_name(get, body, tmp_path, monkeypatch):
    fsync, replace_, steps = os.fsync, Path.replace, []

    def noted_fsync(descriptor):
        steps.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    def noted_replace(path, target):
        steps.append("renamed")
        return replace_(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    get()
    assert steps == [len(body), "renamed"]


def test_pauses_double_up_to_the_longest():
    patience = Patience(first=0.5, longest=3.0)
    assert [patience.pause(n) for n in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_the_pauses_are_kept(get, site, acts, monkeypatch, brisk):
    slept = []
    monkeypatch.setattr("descend.data.datasets.transfer.time.sleep", slept.append)
    site.script = [acts.drops(0)] * 3
    get(patience=replace(brisk, first=1.0, longest=3.0))
    assert [pause for pause in slept if pause] == [1.0, 2.0, 3.0]


AWKWARD = st.one_of(
    st.sampled_from(["well", "other_bytes", "endless", "unsaid_length", "other_range", "lying_range"]),
    st.sampled_from(["nameless_range", "called_packed", "always_short", "refuses_range", "stuck"]),
    st.tuples(st.just("drops"), st.integers(0, 13 * CHUNK)),
    st.tuples(st.just("other_size"), st.integers(-20, 20)),
    st.tuples(st.just("status"), st.sampled_from([200, 206, 404, 416, 429, 500])),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.lists(AWKWARD, max_size=8), st.integers(0, 13 * CHUNK), st.booleans())
def test_whatever_servers_do_the_file_is_right_or_absent(
    get, site, acts, body, tmp_path_factory, script, there, spoilt
):
    folder = tmp_path_factory.mktemp("cache")
    (folder / "tiny.bin.part").write_bytes(bytes(there) if spoilt else body[:there])
    site.script = [getattr(acts, act) if isinstance(act, str) else getattr(acts, act[0])(act[1]) for act in script]
    try:
        get(folder)
    except DownloadError:
        assert set(left(folder)) <= {"tiny.bin.part"}
        site.script = []
        get(folder)
    assert left(folder) == {"tiny.bin": body}


@pytest.fixture
def get_unsized(tiny, brisk, tmp_path) -> Get:
    """The same where the publisher states no size."""
    unsized = replace(tiny.files[0], size=None)

    def run(mirrors: tuple[str, ...] = tiny.mirrors) -> list[str]:
        notes: list[str] = []
        transfer = Transfer(unsized, mirrors, lambda event: notes.append(event.note), brisk)
        pooch.get_logger().setLevel("WARNING")
        pooch.Pooch(tmp_path, "", registry={unsized.name: unsized.checksum}).fetch(unsized.name, downloader=transfer)
        return [note for note in notes if note]

    return run


def test_a_size_that_is_not_stated_is_asked_for(get_unsized, site, acts, body, tmp_path):
    site.script = [acts.well, acts.drops(2 * CHUNK)]
    get_unsized()
    assert left(tmp_path) == {"tiny.bin": body}
    assert [start for _, start in site.log] == [None, None, 2 * CHUNK]


def test_without_any_size_the_next_address_is_asked(get_unsized, site, acts, body, tmp_path):
    site.script = [acts.unsaid_length]
    notes = get_unsized((site.url, site.url))
    assert left(tmp_path) == {"tiny.bin": body}
    assert "without the size" in notes[0]


@pytest.mark.parametrize("act", ["other_bytes", "unsaid_length"])
def test_without_a_stated_size_the_checksum_decides(get_unsized, site, acts, tmp_path, act):
    site.habit = getattr(acts, act)
    with pytest.raises(DownloadError):
        get_unsized()
    assert "tiny.bin" not in left(tmp_path)


def test_an_address_without_a_slash_at_its_end_is_the_file(get, site, body, tmp_path):
    site.files["/files/5976027"] = body
    get(mirrors=(site.url + "files/5976027",))
    assert left(tmp_path) == {"tiny.bin": body}
    assert site.log == [("/files/5976027", None)]
