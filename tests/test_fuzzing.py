"""What is fuzzed holds for its corpus, and for some inputs that fuzzing would try."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.fuzzing import targets
from tests.fuzzing.targets import TARGETS, corpus

TRIES = {"records": 8000, "readers": 12, "arguments": 60, "sql": 60}
"""Inputs tried of each target, besides its corpus."""

PIECES = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\\", b"\xff", b"\0", b"-", b"9e9", b""]
WORDS = [
    b"month",
    b"state",
    b"attributes.",
    b"'",
    b";",
    b"--",
    b"select ",
    b"from sessions",
    b"(*)",
]


def mutants(seeds: list[bytes], count: int, rng: Random) -> Iterator[bytes]:
    """Inputs with pieces that are doubled, swapped, gone or in the place of others."""
    for _ in range(count):
        data = rng.choice(seeds)
        for _ in range(rng.randrange(1, 6)):
            start = rng.randrange(len(data) + 1)
            end = min(len(data), start + rng.randrange(40))
            piece = rng.choice([*PIECES, *WORDS, data[start:end] * 2, rng.choice(seeds)[:end]])
            data = data[:start] + piece + data[end:]
        yield data


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str, tmp_path: Path) -> None:
    corpus(name, tmp_path)
    seeds = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert seeds
    for data in [b"", *seeds[:15], *mutants(seeds, TRIES[name], Random(7))]:
        try:
            TARGETS[name](data)
        except Exception as error:
            raise AssertionError(data) from error


def test_a_target_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "ENDS", ("sessions",))
    with pytest.raises(AssertionError):
        targets.readers(b"\0{}\n{")


def test_the_command_runs_one_input_again(tmp_path: Path) -> None:
    """So that what fuzzing found can be looked at where atheris is not installed."""
    (tmp_path / "crash").write_bytes(b'\0{"integrationId":"S"}')
    words = ["records", "--repeat", str(tmp_path / "crash")]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", *words],
        cwd=Path(__file__).parents[1],
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
