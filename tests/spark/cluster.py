"""A standalone Spark cluster of two workers on the loopback, for a test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
PATIENCE = 300
"""Seconds that anything here may take."""


def wait_for(what: str, there: Callable[[], object]) -> None:
    """Wait until something is there."""
    until = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


def environment(home: Path) -> dict[str, str]:
    """What Spark's programs are told: this Python, and the loopback."""
    return {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(home),
        "SPARK_DAEMON_MEMORY": "256m",
    }


@contextmanager
def two_workers(home: Path) -> Iterator[tuple[str, list[int]]]:
    """Start a master and two workers of a core each.

    Yields:
        The master's URL, and the process ids of the workers.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"spark://127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    log = home / "daemons.log"
    running: list[subprocess.Popen[bytes]] = []
    with log.open("wb") as out:

        def start(kind: str, *more: str) -> None:
            command = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *here]
            running.append(
                subprocess.Popen(
                    [*command, *more], stdout=out, stderr=out, env=environment(home / "work")
                )
            )

        try:
            start("master.Master", "--port", str(port))
            wait_for("the master", lambda: b"New state: ALIVE" in log.read_bytes())
            for _ in range(2):
                start("worker.Worker", "--cores", "1", "--memory", "1g", url)
            wait_for(
                "two workers",
                lambda: log.read_bytes().count(b"Successfully registered with master") == 2,
            )
            yield url, [each.pid for each in running[1:]]
        finally:
            for each in reversed(running):
                each.terminate()
            for each in running:
                each.wait(PATIENCE)


def executors(workers: list[int]) -> list[int]:
    """The process ids of the executors that workers have started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            command = (status.parent / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue  # it has ended
        if parent in workers and b"CoarseGrainedExecutorBackend" in command:
            found.append(int(status.parent.name))
    return found
