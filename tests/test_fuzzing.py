"""What is fuzzed holds for its corpus, and for some inputs that fuzzing would try."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NoReturn

import pyarrow as pa
import pytest

import sessionkit as sk
from sessionkit import folder
from sessionkit.errors import SessionkitError
from sessionkit.questions import QUESTIONS
from sessionkit.questions.totals import TOTALS
from sessionkit.result import Result
from tests.fuzzing import targets
from tests.fuzzing.__main__ import NAMES
from tests.fuzzing.targets import TARGETS, corpus

TRIES = {
    "records": 8000,
    "readers": 40,
    "arguments": 60,
    "sql": 60,
    "folders": 40,
    "config": 40,
}
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


def test_a_file_that_comes_to_be_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sk.SessionTables, "sql", lambda *_: Path("made").touch())
    with pytest.raises(AssertionError, match="made"):
        targets.sql(b"select 1")


WRONG = {
    "not meant": KeyError("sessions"),
    "empty": SessionkitError(""),
    "too long": SessionkitError("x" * 2000),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("arguments", "tests.fuzzing.targets.QUESTIONS"),
        ("folders", "sessionkit.folder.read"),
        ("folders", "tests.fuzzing.targets.QUESTIONS"),
        ("config", "sessionkit.config.configure"),
        ("config", "sessionkit.totals"),
        ("config", "sessionkit.read"),
    ],
)
def test_an_error_that_is_not_clear_is_seen(
    target: str, place: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise WRONG[wrong]

    targets._files(), targets._tables()  # made while nothing fails yet
    failing = {"totals": replace(TOTALS, function=fail)} if place.endswith("QUESTIONS") else fail
    monkeypatch.setattr(place, failing)
    with pytest.raises((AssertionError, KeyError)):
        TARGETS[target](b"")


def test_every_question_and_file_is_chosen_by_some_input(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, given = set[str](), set[object]()

    def of(name: str) -> Callable[..., Result]:
        def ask(_: object, **said: object) -> Result:
            asked.add(name)
            given.add(str(said.get("where")))
            return Result(pa.table({}))

        return ask

    chosen = {name: replace(one, function=of(name)) for name, one in QUESTIONS.items()}
    monkeypatch.setattr(targets, "QUESTIONS", chosen)
    for number in range(len(QUESTIONS)):
        targets.arguments(bytes([number]) + b"\nstate\n\n\n\nopen\n\nclosed")
    assert asked == set(QUESTIONS)
    assert given == {"{'state': ['open', None, 'closed']}"}
    asked.clear()
    for number in range(len(QUESTIONS)):
        targets.folders(bytes([0, 4 * number + 1]))
    assert asked == set(QUESTIONS)


def test_a_folder_is_opened_as_it_was_written_unless_it_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that it is the change that an error tells of, also where the manifest is made to fit."""
    said: list[list[str]] = []
    verify = folder.verify

    def kept(home: str) -> list[str]:
        said.append(verify(home))
        return said[-1]

    monkeypatch.setattr(folder, "verify", kept)
    names = list(targets._files())
    for which in range(len(names)):
        targets.folders(bytes([which, 1]))
        targets.folders(bytes([which, 1]) + b"\x80\0\xff\0\xff")
        whole, changed = said[-2:]
        assert (whole, len(changed)) == ([], 1)
        assert names[which] in changed[0]
    targets.folders(bytes([1, 3]) + b"\x80\0\xff\0\xff")
    assert "changed" not in str(said[-1])


def test_all_targets_are_told_of_and_tried() -> None:
    """The command cannot ask the targets: what they import must be watched from the beginning."""
    assert NAMES == list(TARGETS) == list(TRIES)


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
