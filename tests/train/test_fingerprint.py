from __future__ import annotations

from pathlib import Path

from threadpoolctl import threadpool_limits

from descend.train import fingerprint


def test_the_environment_is_plain_text_without_gaps() -> None:
    found = fingerprint.environment()
    assert {"descend", "python", "numpy", "system", "cpu", "simd", "blas"} <= found.keys()
    assert all(isinstance(value, str) and value for value in found.values())
    assert found == fingerprint.environment()


def test_blas_threads_are_those_allowed_now() -> None:
    with threadpool_limits(1, user_api="blas"):
        limited = fingerprint.blas()
    assert set(limited.get("blas threads", "1").split(", ")) == {"1"}


def test_the_digest_depends_on_every_name_and_byte(tmp_path: Path) -> None:
    seen = set[str]()
    for name, text in [
        ("a.py", ""),
        ("a.py", "x"),
        ("a.py", "xy"),
        ("b.py", "y"),
        ("sub/a.py", "x"),
        ("b.txt", "z"),
    ]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        seen.add(fingerprint.digest(tmp_path))
    assert len(seen) == 5  # a text file is no code
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    assert fingerprint.digest(tmp_path) not in seen


def test_bytes_cannot_move_between_files(tmp_path: Path) -> None:
    digests = set[str]()
    for a, b in [("12", "3"), ("1", "23"), ("123", "")]:
        (tmp_path / "a.py").write_text(a)
        (tmp_path / "b.py").write_text(b)
        digests.add(fingerprint.digest(tmp_path))
    (tmp_path / "a.py").write_text("1b.py2")
    (tmp_path / "b.py").unlink()
    digests.add(fingerprint.digest(tmp_path))
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.py").write_text("2")
    digests.add(fingerprint.digest(tmp_path))
    assert len(digests) == 5


def test_the_code_is_that_of_the_library() -> None:
    import descend

    fingerprint.code.cache_clear()
    assert fingerprint.code() == fingerprint.digest(Path(descend.__file__).parent)
