"""A file is opened by what it holds, and its stored bytes are counted on the way."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import pytest

from sessionkit.errors import ReadError
from sessionkit.found import Found
from sessionkit.sources import BrokenStream, copies, find, open_bytes, sha256_of
from tests.cutting import everything, write


def test_what_is_packed_is_told_by_the_content_not_by_the_name(here: Path) -> None:
    write("a.csv", content=gzip.compress(b"packed"))
    Path("b.json.gz").write_bytes(b"[plain]")
    Path("c.csv").write_bytes(gzip.compress(gzip.compress(b"twice")))
    given = {}
    for found in find(["b.json.gz", "c.csv"]):
        with open_bytes(found) as stream:
            given[found.name] = (everything(stream), stream.packed)
    assert given == {"b.json.gz": (b"[plain]", ()), "c.csv": (b"twice", ("gzip", "gzip"))}


def test_the_stored_bytes_are_counted_and_digested_on_the_way(here: Path) -> None:
    content = gzip.compress(b"text " * 10_000)
    Path("a.json").write_bytes(content)
    told: list[int] = []
    (found,) = find("a.json")
    with open_bytes(found, progress=told.append) as stream:
        assert everything(stream) == b"text " * 10_000
    assert found.size == stream.size == sum(told) == len(content)
    assert stream.sha256 == sha256_of("a.json") == hashlib.sha256(content).hexdigest()


def test_a_file_that_breaks_can_be_finished_for_its_checksum() -> None:
    content = gzip.compress(b"text") + b"no gzip" * 100_000
    with open_bytes(Found("x", handle=io.BytesIO(content))) as stream:
        assert stream.read(100) == b"text"
        with pytest.raises(BrokenStream):
            stream.read(100)
        stream.finish()
    assert stream.size == len(content)
    assert stream.sha256 == hashlib.sha256(content).hexdigest()


def test_open_files_are_read_from_where_they_are_and_left_open() -> None:
    binary, text = io.BytesIO(b"..[1]"), io.StringIO('["é\ud800"]')
    binary.seek(2)
    given = []
    for found in find([binary, text]):
        with open_bytes(found) as stream:
            given.append(everything(stream))
    assert given == [b"[1]", '["é\ud800"]'.encode("utf-8", "surrogatepass")]
    assert not binary.closed
    assert not text.closed


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[2]")))
    (found,) = find("-")
    assert found.name == "<stdin>"
    with open_bytes(found) as stream:
        assert everything(stream) == b"[2]"


def test_a_closed_file_is_a_broken_stream() -> None:
    closed = io.BytesIO(b"{}")
    closed.close()
    with open_bytes(find(closed)[0]) as stream, pytest.raises(BrokenStream, match="closed file"):
        stream.read(1)


def test_what_is_skipped_is_not_opened(here: Path) -> None:
    write("d/a.json", "d/b.txt")
    with pytest.raises(ReadError, match=r"^d/b.txt: not a dump by its name$"):
        open_bytes(find("d")[1])


def test_copies_are_told_from_the_first_of_their_bytes(here: Path) -> None:
    for name, content in [("a", b"11"), ("b", b"22"), ("c", b"11"), ("d", b"333"), ("e", b"")]:
        Path(f"{name}.json").write_bytes(content)
        Path(f"{name}2.json").write_bytes(content)
    found = [*find(["a.json", "b.json", "c.json", "d.json", "e.json", "d2.json", "e2.json"])]
    assert copies(found) == {"c.json": "a.json", "d2.json": "d.json"}
    assert copies([*found, Found("gone", path=Path("gone"), size=2)]) == copies(found)
    with pytest.raises(ReadError, match="x: is no file on disk"):
        sha256_of(Found("x", handle=io.BytesIO()))
    with pytest.raises(ReadError, match="gone: cannot be read"):
        sha256_of("gone")
