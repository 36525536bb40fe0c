"""Dumps in an object store are read as those on disk are, from a real server on this machine."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import fsspec
import pytest

import sessionkit as sk
from sessionkit.errors import ReadError
from tests.reading import session

PATIENCE = 60
"""Seconds after which the server does not come any more."""


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    """A bucket, `dumps`, with a few dumps in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
    given = keys | {"AWS_ENDPOINT_URL": place, "AWS_DEFAULT_REGION": "us-east-1"}
    with (
        pytest.MonkeyPatch.context() as patch,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server,
    ):
        for name, value in given.items():
            patch.setenv(name, value)
        try:
            _wait_for(port, server)
            fsspec.get_filesystem_class("s3").clear_instance_cache()  # of an earlier server
            system = fsspec.filesystem("s3", skip_instance_cache=True)
            system.mkdir("dumps")
            system.pipe("dumps/day/a.jsonl", lines("A-1", "A-2"))
            system.pipe("dumps/day/b.jsonl.gz", gzip.compress(lines("B-1")))
            system.pipe("dumps/day/deep/c.json", lines("C-1"))
            system.pipe("dumps/day/notes.txt", b"not a dump")
            yield system
        finally:
            server.kill()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = monotonic() + PATIENCE
    while server.poll() is None and monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise AssertionError("the server does not come up")


def lines(*ids: str) -> bytes:
    """A session for each id, in JSON Lines."""
    return b"".join(json.dumps(session(integrationId=one)).encode() + b"\n" for one in ids)


def ids(*sources: str) -> list[str]:
    tables = sk.read(*sources)
    found: list[str] = tables.sessions["integration_id"].to_pylist()
    return sorted(found)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://dumps/day/a.jsonl", ["A-1", "A-2"]),
        ("s3://dumps/day/b.jsonl.gz", ["B-1"]),
        ("s3://dumps/day/*.jsonl", ["A-1", "A-2"]),
        ("s3://dumps/day/*.jsonl*", ["A-1", "A-2", "B-1"]),
        ("s3://dumps/**/*.json", ["C-1"]),
        ("s3://dumps/day", ["A-1", "A-2", "B-1", "C-1"]),
        ("s3://dumps/day/", ["A-1", "A-2", "B-1", "C-1"]),
        ("s3://dumps", ["A-1", "A-2", "B-1", "C-1"]),
    ],
)
def test_files_patterns_and_folders_are_read(store: Any, url: str, expected: list[str]) -> None:
    assert ids(url) == expected


def test_what_was_read_is_told_file_by_file(store: Any) -> None:
    loads = sk.read("s3://dumps/day").loads.to_pylist()
    assert [(one["source_file"], one["status"], one["bytes"]) for one in loads] == [
        ("s3://dumps/day/a.jsonl", "read", len(lines("A-1", "A-2"))),
        ("s3://dumps/day/b.jsonl.gz", "read", store.size("dumps/day/b.jsonl.gz")),
        ("s3://dumps/day/deep/c.json", "read", len(lines("C-1"))),
        ("s3://dumps/day/notes.txt", "skipped", len(b"not a dump")),
    ]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://dumps/day/gone.jsonl", "s3://dumps/day/gone.jsonl: there is no such file"),
        ("s3://nobody-has-this/a.jsonl", "s3://nobody-has-this/a.jsonl: there is no such file"),
        ("s3://dumps/night/*.jsonl", "s3://dumps/night/*.jsonl: there is no dump"),
    ],
)
def test_what_is_not_there_gives_one_message(store: Any, url: str, message: str) -> None:
    with pytest.raises(ReadError, match="^" + re.escape(message)) as refused:
        sk.read(url)
    assert len(str(refused.value).splitlines()) == 1


def test_the_command_line_reads_it_too(store: Any) -> None:
    command = [sys.executable, "-m", "sessionkit", "totals", "s3://dumps/day", "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    (row,) = json.loads(run.stdout)
    assert "4 records = 4 sessions" in run.stderr
    assert row
    command[4] = "s3://dumps/day/gone.jsonl"
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    said = "Error: s3://dumps/day/gone.jsonl: there is no such file\n"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", said)
