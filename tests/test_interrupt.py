"""A command that is stopped says so in one line, and leaves nothing half-written behind.

The commands run in process groups of their own, and a signal goes to the whole group, as that of
Ctrl-C does from a terminal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, BinaryIO

import pytest

import sessionkit as sk
from sessionkit import folder
from tests.reading import session

PATIENCE = 60
"""Seconds after which something hangs."""


def lines(number: int) -> bytes:
    """So many sessions, in JSON Lines."""
    made = (session(integrationId=f"S-{one}", total=one) for one in range(number))
    return b"".join(json.dumps(one).encode() + b"\n" for one in made)


@dataclass
class Command:
    """A command under way, with folders of its own for what it writes."""

    home: Path
    process: subprocess.Popen[str] = field(init=False)

    def start(self, *arguments: str, **options: Any) -> None:
        """Start it in the folder `home/work`, and with its temporary files in `home/scratch`."""
        for name in ("work", "scratch"):
            (self.home / name).mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sessionkit", *arguments],
            cwd=self.home / "work",
            env=os.environ | {"TMPDIR": str(self.home / "scratch")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def feeding(self, pipe: Path) -> BinaryIO:
        """Open a pipe's other end, once the command waits on it."""
        until = monotonic() + PATIENCE
        while self.process.poll() is None and monotonic() < until:
            with suppress(OSError):  # nobody reads yet
                feed = os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
                sleep(0.3)  # a signal just before a wait begins is heard only after it, by Python
                return feed
            sleep(0.02)
        raise AssertionError(f"the command does not read: {self.ended()}")

    def stop(self, number: int = signal.SIGINT) -> None:
        """Send a signal to it and all its children."""
        os.killpg(self.process.pid, number)

    def ended(self) -> tuple[int, str]:
        """Wait for its end; give its status and what it said on standard error."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def left(self) -> list[str]:
        """Everything that lies in its folders."""
        found = (path for name in ("work", "scratch") for path in (self.home / name).rglob("*"))
        return sorted(str(path.relative_to(self.home)) for path in found)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """A command to be started; surely ended afterwards."""
    made = Command(tmp_path)
    yield made
    if made.process.poll() is None:
        os.killpg(made.process.pid, signal.SIGKILL)
        made.process.communicate()


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe, which a command waits on until it is told more."""
    os.mkfifo(tmp_path / "dump.jsonl")
    return tmp_path / "dump.jsonl"


STOPPABLE = [
    ["flatten", "-o", "out"],
    ["report", "-o", "report.html"],
    ["totals", "-o", "totals.json"],
    ["check"],
]


@pytest.mark.parametrize("arguments", STOPPABLE, ids=lambda each: each[0])
def test_an_interrupt_while_reading(command: Command, pipe: Path, arguments: list[str]) -> None:
    command.start(arguments[0], str(pipe), *arguments[1:])
    with command.feeding(pipe) as feed:
        feed.write(lines(10))
        feed.flush()
        sleep(0.3)
        command.stop()
        assert command.ended() == (130, "Stopped.\n")
    assert command.left() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_that_end_a_command(command: Command, pipe: Path, number: int) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # tests under nohup have it ignored
    try:
        command.start("flatten", str(pipe), "-o", "out")
    finally:
        signal.signal(number, before)
    with command.feeding(pipe):
        command.stop(number)
        assert command.ended() == (128 + number, "Stopped.\n")
    assert command.left() == []


def test_a_second_interrupt_at_once_is_the_same_one(command: Command, pipe: Path) -> None:
    command.start("flatten", str(pipe), "-o", "out")
    with command.feeding(pipe):
        for _ in range(5):
            command.stop()
        assert command.ended() == (130, "Stopped.\n")
    assert command.left() == []


def test_a_signal_that_is_ignored_stays_ignored(command: Command, pipe: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; children inherit it
    try:
        command.start("totals", str(pipe), "-q")
    finally:
        signal.signal(signal.SIGHUP, before)
    with command.feeding(pipe) as feed:
        command.stop(signal.SIGHUP)
        feed.write(lines(3))
    assert command.ended() == (0, "")


def test_an_interrupt_leaves_an_older_folder_and_page_as_they_were(
    command: Command, pipe: Path
) -> None:
    dump = command.home / "small.jsonl"
    dump.write_bytes(lines(3))
    for arguments in (["flatten", "-o", "out"], ["report", "-o", "report.html"]):
        command.start(arguments[0], str(dump), *arguments[1:])
        assert command.ended()[0] == 0
        before = contents(command.home / "work")
        command.start(arguments[0], str(pipe), *arguments[1:])
        with command.feeding(pipe) as feed:
            feed.write(lines(10))
            feed.flush()
            sleep(0.3)
            command.stop()
            assert command.ended() == (130, "Stopped.\n")
        assert contents(command.home / "work") == before


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PARTS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@pytest.mark.parametrize("arguments", STOPPABLE[:2], ids=lambda each: each[0])
def test_an_interrupt_at_any_moment(
    tmp_path: Path, arguments: list[str], whole_run: dict[str, float], big: Path
) -> None:
    ends = []
    for number, part in enumerate(PARTS):
        command = Command(tmp_path / str(number))
        command.home.mkdir()
        command.start(arguments[0], str(big), *arguments[1:])
        sleep(whole_run[arguments[0]] * part)
        if command.process.poll() is None:
            command.stop()
        ends.append(all_or_nothing(command))
    assert 130 in ends


def all_or_nothing(command: Command) -> int:
    """Hold a command that was stopped, or came to its end, to what it left; give its status."""
    status, said = command.ended()
    assert "Traceback" not in said
    left = command.left()
    assert [name for name in left if name.startswith("scratch") or "/." in name] == []
    if status == 0:  # it was too late
        assert "Stopped." not in said
        assert left
    else:
        assert (status, said.splitlines()[-1:]) == (130, ["Stopped."])
    if "work/out/sessions.parquet" in left:  # all or nothing
        assert folder.verify(command.home / "work" / "out") == []
    elif "work/report.html" in left:
        assert (command.home / left[0]).read_text().endswith("</html>\n")
    else:
        assert left == []
    return status


class Interrupting:
    """A progress that is stopped by the user at its n-th word."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, _: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupt_in_a_notebook(
    at: int, big: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is under way is taken back, and the same objects go on to work."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(KeyboardInterrupt):
        sk.read(big, progress=Interrupting(at))
    with pytest.raises(KeyboardInterrupt):
        sk.to_folder(big, output=tmp_path / "out", progress=Interrupting(at))
    assert contents(tmp_path) == {}
    with sk.Store(tmp_path / "sessions.duckdb") as store:
        store.load(lines_in(tmp_path / "before.jsonl", 3))
        with pytest.raises(KeyboardInterrupt):
            store.load(big, progress=Interrupting(at))
        assert store.sql("select count(*) as n from sessions").table["n"].to_pylist() == [3]
        assert store.load(big).new == 2_000 - 3
    assert list(scratch.iterdir()) == []


def lines_in(path: Path, number: int) -> Path:
    """A dump of so many sessions."""
    path.write_bytes(lines(number))
    return path


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump whose reading takes a while."""
    dump = tmp_path_factory.mktemp("big") / "big.jsonl"
    dump.write_bytes(lines(2_000))
    return dump


@pytest.fixture(scope="module")
def whole_run(big: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """How many seconds each command takes when nobody stops it."""
    taken = {}
    for arguments in STOPPABLE[:2]:
        run = Command(tmp_path_factory.mktemp("whole"))
        began = monotonic()
        run.start(arguments[0], str(big), *arguments[1:])
        assert run.ended()[0] == 0
        taken[arguments[0]] = monotonic() - began
    return taken
