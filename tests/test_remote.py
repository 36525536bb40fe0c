"""Files behind URLs are found and read as those on disk are."""

from __future__ import annotations

import gzip
import re
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError

import fsspec
import pytest

import sessionkit as sk
from sessionkit.errors import ReadError
from sessionkit.found import Found
from sessionkit.sources import BrokenStream, find, open_bytes
from tests.cutting import InBlocks, everything, names, write


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    for name in ("d/a.json", "d/e/b.csv.gz", "d/notes.txt"):
        system.pipe(f"/{name}", name.encode())
    yield system
    system.rm("/d", recursive=True)


def test_urls_are_files_patterns_or_folders(memory: fsspec.AbstractFileSystem) -> None:
    first, second = "memory:///d/a.json", "memory:///d/e/b.csv.gz"
    assert names("memory://d/notes.txt") == ["memory:///d/notes.txt"]
    assert names("memory://d") == [first, second, "(memory:///d/notes.txt)"]
    assert names("memory:///d/a.json", "memory://d/*.json", "memory://d/**/*.gz") == [first, second]
    with open_bytes(find("memory://d")[0]) as stream:
        assert everything(stream) == b"d/a.json"


def test_archives_behind_urls_are_looked_into(memory: fsspec.AbstractFileSystem) -> None:
    with memory.open("/d/x.zip", "wb") as target, zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", b"[4]")
    (found,) = find("memory://d/x.zip")
    assert found.name == "memory:///d/x.zip!a.csv"
    with open_bytes(found) as stream:
        assert everything(stream) == b"[4]"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://gone/a.json", "memory://gone/a.json: there is no such file"),
        ("memory://d/*.ndjson", "memory://d/*.ndjson: there is no dump; names end in .json"),
        ("nonsense://me:secret@host/a?key=1", "nonsense://host/a?…: cannot be opened"),
        ("s3://nobody-s-bucket/a.json", "s3://nobody-s-bucket/a.json: cannot be opened ("),
    ],
)
def test_a_url_that_leads_nowhere_is_an_error(
    memory: fsspec.AbstractFileSystem, url: str, message: str
) -> None:
    with pytest.raises(ReadError, match="^" + re.escape(message)) as refused:
        find(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/a b.json", "http://127.0.0.1:abc/a.json", "http://[::1/a?key=secret"],
)
def test_a_url_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(ReadError, match="cannot be opened") as refused:
        sk.read(url)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


class Cut(BaseHTTPRequestHandler):
    """A server that promises more than it gives."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"[1, 2")

    def log_message(self, *_: object) -> None:
        pass


class CutInChunks(Cut):
    """A server whose last chunk never comes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\nff\r\n{" % (len(LINE), LINE))
        self.close_connection = True


class Babbling(Cut):
    """A server that speaks no HTTP."""

    def handle_one_request(self) -> None:
        self.wfile.write(b"what?\r\n\r\n")
        self.close_connection = True


LINE = b'{"integrationId": "S-1"   }\n'


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of a kind; its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), request.param) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@pytest.mark.parametrize("server", [CutInChunks], indirect=True)
def test_what_came_before_a_break_is_kept(server: str) -> None:
    tables = sk.read(f"{server}/a.jsonl")
    first, last = tables.rejects.to_pylist()
    assert first["raw"] == LINE.strip()  # whole, and refused only for what it lacks
    assert last["reasons"][0]["code"] == "broken-container"
    assert "it cannot be read on" in last["reasons"][0]["found"]


@pytest.mark.parametrize("server", [Babbling], indirect=True)
def test_a_server_that_speaks_no_http_is_an_error(server: str) -> None:
    with pytest.raises(ReadError, match="cannot be opened"):
        sk.read(f"{server}/a.json")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(here: Path) -> Iterator[tuple[str, str]]:
    write("a.json", content=b"[5]")
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(here))),
        ThreadingHTTPServer(("127.0.0.1", 0), Cut),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    good, bad = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield good, bad
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_web_is_read_too(served: tuple[str, str]) -> None:
    good, bad = served
    (found,) = find(f"{good}/a.json?key=secret")
    assert found.name == f"{good}/a.json?…"
    with open_bytes(found) as stream:
        assert everything(stream) == b"[5]a.json"
    gone = re.escape(f"{good}/gone.json: cannot be opened (HTTP Error 404")
    with pytest.raises(ReadError, match=gone) as refused:
        open_bytes(find(f"{good}/gone.json")[0])
    assert refused.value.__cause__ is not None
    answer = refused.value.__cause__.__cause__
    assert isinstance(answer, HTTPError)
    assert answer.fp is not None
    assert answer.fp.closed
    with open_bytes(find(f"{bad}/a.json")[0]) as stream:
        assert stream.read(100) == b"[1, 2"
        with pytest.raises(BrokenStream, match="only 5 of 100 bytes came"):
            stream.read(100)


def test_reading_in_small_blocks_changes_nothing() -> None:
    with open_bytes(Found("x", handle=InBlocks(gzip.compress(b"[6]"), 1))) as stream:
        assert everything(stream) == b"[6]"
