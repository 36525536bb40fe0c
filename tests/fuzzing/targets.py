"""What is fuzzed: bytes in; nothing may come out but an answer, or an error that was meant."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

import sessionkit as sk
from sessionkit.containers import RawRecord
from sessionkit.dialects import DIALECTS, Session, understand
from sessionkit.errors import SessionkitError
from sessionkit.flatten import flatten
from sessionkit.generate import generate
from sessionkit.values import Reading
from tests.cutting import cut, slowly

ENDS = ("sessions", "repeats", "older", "effects", "rejects")
Target = Callable[[bytes], None]


def records(data: bytes) -> None:
    """Cut a dump into records, quickly and byte by byte, and take each apart by itself."""
    dialect, dump = _named(data)
    found = _cut(dump)
    with slowly():
        slow = _cut(dump)
    assert _told(found) == _told(slow)
    for record in found if isinstance(found, list) else ():
        if record.fault is None:
            understood = understand(record, dialect)
            if isinstance(understood, Session):
                flatten(understood, Reading())


def _cut(dump: bytes) -> list[RawRecord] | str:
    try:
        return cut(dump)
    except SessionkitError as error:
        return _clear(error)


def _told(found: list[RawRecord] | str) -> object:
    if isinstance(found, str):
        return found
    return [(each.offset, each.raw, each.fault, each.cells, each.container) for each in found]


def _named(data: bytes) -> tuple[str | None, bytes]:
    """A dump; its first byte chooses whether the dialect is told, and which."""
    names = [None, *DIALECTS]
    return names[data[0] % len(names)] if data else None, data[1:]


def _clear(error: SessionkitError) -> str:
    """What an error says, which must be something that people can read."""
    said = str(error)
    assert 0 < len(said) < 2000, said
    return said


def readers(data: bytes) -> None:
    """Read a dump whole; every record must end somewhere."""
    dialect, dump = _named(data)
    try:
        tables = sk.read(io.BytesIO(dump), dialect=dialect)
    except SessionkitError as error:
        _clear(error)
        return
    for load in tables.loads.to_pylist():
        assert load["records"] == sum(load[end] for end in ENDS), load
    for reject in tables.rejects.to_pylist():
        assert reject["reasons"], reject


def arguments(data: bytes) -> None:
    """Ask for totals with texts in the places of dimensions, of values, and of times."""
    parts = data.decode("utf-8", "replace").split("\n")
    parts += [""] * (6 - len(parts))
    by, name, value, since, zone, currency = parts[:6]
    try:
        told = sk.totals(
            _tables(),
            by=by or None,
            where={name: value} if name else None,
            since=since or None,
            tz=zone or "UTC",
            currencies=currency or None,
        )
    except SessionkitError as error:
        _clear(error)
        return
    assert isinstance(told.table, pa.Table)


def sql(data: bytes) -> None:
    """Ask in SQL; the tables must be there afterwards, and no file may have come to be."""
    try:
        _tables().sql(data.decode("utf-8", "replace"))
    except SessionkitError as error:
        _clear(error)
    found = _tables().sql("select count(*) as n from sessions").table["n"][0].as_py()
    assert found == _tables().sessions.num_rows


TARGETS: dict[str, Target] = {
    "records": records,
    "readers": readers,
    "arguments": arguments,
    "sql": sql,
}


@cache
def _tables() -> sk.SessionTables:
    with TemporaryDirectory(prefix="sessionkit-fuzzing-") as home:
        return sk.read(generate(home, sessions=40, seed=1) / "dumps")


def corpus(name: str, folder: Path) -> None:
    """Write what a target begins with."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "arguments": ["month\nstate\nclosed\n2026-01-01\nEurope/Berlin\nEUR", "attributes.Channel"],
        "sql": ["select state, count(*) from sessions group by all", "from cart_items limit 1"],
    }
    for number, text in enumerate(texts.get(name, ())):
        (folder / f"text-{number}").write_text(text, encoding="utf-8")
    if name in ("records", "readers"):
        with TemporaryDirectory(prefix="sessionkit-fuzzing-") as home:
            made = generate(home, sessions=30, seed=2, defects=True)
            for number, path in enumerate(sorted(p for p in made.rglob("*") if p.is_file())):
                (folder / f"dump-{number}").write_bytes(b"\x00" + path.read_bytes()[:4000])
