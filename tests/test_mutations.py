"""Whole dumps of every dialect with one byte gone wrong, anywhere: every record ends somewhere."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import sessionkit as sk
from sessionkit.generate import DIALECTS, generate
from tests.generated import unpacked

MUTANTS = 150
"""Damaged copies of each dump, spread evenly over its bytes."""

PIECES = (b'"', b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\\", b"\xff", b"\x00", b"-", b"9", b"")


def mutant(whole: bytes, place: int, rng: Random) -> bytes:
    """A dump in which the byte at a place is another, is gone, or stands behind one too many."""
    piece = rng.choice([*PIECES, bytes([whole[place] ^ (1 << rng.randrange(8))])])
    return whole[:place] + piece + whole[place + rng.randint(0, 1) :]


GOOD = ("sessions", "repeats", "older", "effects")

COSTS = {"session_list": 4}
"""How many records one byte costs at most, where it is not 2: its own, and one that it joins.

In a page on a single line a bracket too many or too few is told late.
"""


def head(whole: bytes) -> int:
    """How many bytes of a dump tell what it is: damage there may cost more, or all of it."""
    return 4 if whole.lstrip(b"\xef\xbb\xbf \n")[:1] in (b"{", b"[") else whole.index(b"\n") + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("made"), sessions=60, seed=11)


def dumps(made: Path, dialect: str) -> list[bytes]:
    """The unpacked dumps of a dialect, no more than 20 kB of each."""
    folder = made / "dumps" / dialect
    if dialect == "csharp_omits_zeros":
        folder = made / "dumps_csharp"
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix != ".zip":
            found.append(unpacked(folder, path.name)[:20_000])
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_wherever_a_dump_is_damaged_every_record_ends_somewhere(
    dialect: str, made: Path, tmp_path: Path
) -> None:
    rng = Random(f"damage {dialect}")
    places: dict[str, tuple[str, int]] = {}
    wholes = {f"{number}-whole.dump": whole for number, whole in enumerate(dumps(made, dialect))}
    for number, (name, whole) in enumerate(wholes.items()):
        (tmp_path / name).write_bytes(whole)
        step = max(1, len(whole) // MUTANTS)
        for place in range(number % step, len(whole), step):
            path = tmp_path / f"{number}-{place:05}.dump"
            path.write_bytes(mutant(whole, place, rng))
            places[path.name] = name, place
    tables = sk.read(str(tmp_path / "*.dump"))
    loads = tables.loads.to_pylist()
    assert len(loads) == len(places) + len(wholes) > MUTANTS
    for load in loads:
        assert load["records"] == sum(load[end] for end in (*GOOD, "rejects")), load
    by_name = {Path(load["source_file"]).name: load for load in loads}
    for name, (original, place) in places.items():
        damaged, whole = by_name[name], by_name[original]
        lost = sum(whole[end] - damaged[end] for end in GOOD)
        if place < head(wholes[original]):
            assert lost <= 0 or damaged["status"] == "unreadable" or damaged["rejects"], damaged
        else:
            assert lost <= COSTS.get(dialect, 2), damaged
            assert damaged["status"] in ("read", "copy"), damaged
    assert sum(load["rejects"] for load in loads) == tables.rejects.num_rows > 0
    assert sum(load["sessions"] for load in loads) == tables.sessions.num_rows
    kept = tables.effects if dialect == "effects_export" else tables.sessions
    assert kept.num_rows > 0
