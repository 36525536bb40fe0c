"""Running one command in a process of its own, and what it cost.

This module and its callers stay light: on Linux the peak memory of a child is at least what its
parent held when it was started.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

_EVERY = 0.05


class Cost(NamedTuple):
    """What a process cost, with the processes that it started and waited for.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of all cores, in user and in system mode.
        memory: Bytes held at most: those of all its processes together.
        told: The JSON object on the last line of its standard output, if any.
        status: How it ended.
        errors: The end of what it said on standard error.
    """

    wall: float
    cpu: float
    memory: int
    told: dict[str, Any]
    status: int
    errors: str


def run(command: Sequence[str], *, cores: int = 0, cwd: Path | None = None) -> Cost:
    r"""Run a command to its end, on so many of the cores, or on all for 0.

    Example:
        >>> import sys
        >>> run([sys.executable, "-c", "print('{\"rows\": 3}')"]).told
        {'rows': 3}
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        with _confined(cores):
            begun = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd
            )
        watch = _Watch(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        together = watch.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        last = (out.read().decode(errors="replace").strip().splitlines() or [""])[-1]
        told = json.loads(last) if last.startswith("{") else {}
        errors = err.read().decode(errors="replace")[-2000:]
    memory = max(used.ru_maxrss * _RSS_UNIT, together)
    return Cost(wall, used.ru_utime + used.ru_stime, memory, told, process.returncode, errors)


@contextmanager
def _confined(cores: int) -> Iterator[None]:
    """Let what is started inside use so many cores only; where the system can do that."""
    if not cores or not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(every)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


_RSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024


class _Watch:
    """Adds up the memory of a process and its children while it has any; on Linux only."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def end(self) -> int:
        """The most that was seen at once; 0 if it never had a child."""
        self.ended.set()
        self.thread.join()
        return self.most

    def _look(self) -> None:
        while not self.ended.wait(_EVERY):
            family = _family(self.pid)
            if len(family) > 1:
                self.most = max(self.most, sum(map(_share, family)))


def _family(pid: int) -> list[int]:
    """A process and all below it, as far as the system tells."""
    family = [pid]
    for member in family:
        for path in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                family += map(int, path.read_text().split())
            except OSError:  # it has ended meanwhile
                continue
    return family


def _share(pid: int) -> int:
    """The bytes that a process holds, its part of what it shares with others."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) * 1024
