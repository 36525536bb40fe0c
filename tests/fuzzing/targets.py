"""What is fuzzed: bytes in; nothing may come out but an answer, or an error that was meant."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pyarrow as pa

import sessionkit as sk
from sessionkit import config as settings
from sessionkit import folder, manifest
from sessionkit.containers import RawRecord
from sessionkit.dialects import DIALECTS, Session, understand
from sessionkit.errors import SessionkitError
from sessionkit.flatten import flatten
from sessionkit.generate import generate
from sessionkit.questions import QUESTIONS
from sessionkit.values import Reading
from tests.cutting import cut, slowly

ENDS = ("sessions", "repeats", "older", "effects", "rejects")
LONGEST = 2000
"""What people read of a message."""

PREFIX = "sessionkit-fuzzing-"
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
    assert 0 < len(said) < LONGEST, said
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
    """Ask a question with texts in the places of a dimension, of values, and of times.

    The first byte chooses which; the lines that are left over are the values of `where`.
    """
    function = list(QUESTIONS.values())[data[0] % len(QUESTIONS) if data else 0].function
    parts = data[1:].decode("utf-8", "replace").split("\n")
    parts += [""] * (5 - len(parts))
    by, name, since, zone, currency, *values = parts
    try:
        told = function(
            _tables(),
            by=by or None,
            where={name: [value or None for value in values]} if name else None,
            since=since or None,
            tz=zone or "UTC",
            currencies=currency or None,
        )
    except SessionkitError as error:
        _clear(error)
        return
    assert isinstance(told.table, pa.Table)
    assert told.definition.keys() == set(told.table.column_names)


def sql(data: bytes) -> None:
    """Ask in SQL; the tables must be there afterwards, and no file may have come to be."""
    tables = _tables()
    with _nothing_made():
        try:
            tables.sql(data.decode("utf-8", "replace"))
        except SessionkitError as error:
            _clear(error)
    found = tables.sql("select count(*) as n from sessions").table["n"][0].as_py()
    assert found == tables.sessions.num_rows


@contextmanager
def _nothing_made() -> Iterator[None]:
    """Work in an empty folder, which must be empty afterwards."""
    with TemporaryDirectory(prefix=PREFIX) as home:
        with chdir(home):
            yield
        made = sorted(path.name for path in Path(home).iterdir())
        assert not made, made


def folders(data: bytes) -> None:
    """Open a folder of which one file is another, or patched, and ask a question of it.

    The first byte chooses the file. The second chooses the question, whether the file is patched
    (then two more say where), and whether the manifest is made to fit, so that its checksums hold.
    """
    which, how, rest = data[:1] or b"\0", (data[1:2] or b"\0")[0], data[2:]
    files = dict(_files())
    name = list(files)[which[0] % len(files)]
    files[name] = _patched(files[name], rest) if how & 1 else rest
    if how & 2:
        _make_fit(files, name)
    question = list(QUESTIONS.values())[(how >> 2) % len(QUESTIONS)]
    with TemporaryDirectory(prefix=PREFIX) as home:
        for each, content in files.items():
            (Path(home) / each).write_bytes(content)
        for line in folder.verify(home):
            assert 0 < len(line) < LONGEST, line
        try:
            assert all(isinstance(one, pa.Table) for one in folder.read(home).values())
        except SessionkitError as error:
            _clear(error)
        try:
            assert isinstance(question.function(home).table, pa.Table)
        except SessionkitError as error:
            _clear(error)


@cache
def _files() -> dict[str, bytes]:
    """The files of a small folder, the manifest first."""
    with TemporaryDirectory(prefix=PREFIX) as home:
        dumps = generate(Path(home) / "made", sessions=8, seed=3) / "dumps"
        made = sk.to_folder(dumps, output=Path(home) / "out")
        names = sorted({path.name for path in made.iterdir()} - {manifest.MANIFEST})
        return {name: (made / name).read_bytes() for name in (manifest.MANIFEST, *names)}


def _patched(whole: bytes, rest: bytes) -> bytes:
    """A file with bytes in the place of others; the first two say at which part of it."""
    start = len(whole) * int.from_bytes(rest[:2].ljust(2, b"\0")) >> 16
    return whole[:start] + rest[2:] + whole[start + len(rest[2:]) :]


def _make_fit(files: dict[str, bytes], changed: str) -> None:
    """Let a manifest tell the checksum of the file that changed, and its own."""
    with suppress(ValueError, RecursionError, AttributeError, KeyError, TypeError):
        told = msgspec.json.decode(files[manifest.MANIFEST])
        for file in (one for several in told.get("tables", {}).values() for one in several):
            if file["name"] == changed:
                file["sha256"] = sha256(files[changed]).hexdigest()
        files[manifest.MANIFEST] = manifest._sealed(told)


def config(data: bytes) -> None:
    """Let bytes be the settings that hold while a dump is read and a question asked."""
    with TemporaryDirectory(prefix=PREFIX) as home, settings.holding(settings.current()):
        file = Path(home) / settings.NAME
        file.write_bytes(data)
        try:
            held = settings.configure(file)
        except SessionkitError as error:
            _clear(error)
            return
        assert settings.current() is held
        assert held.filled(dict.fromkeys(held.values)) == held.values
        assert len({len(each) for each in held.attribute_types.values()}) <= 1
        for ask in (lambda: sk.totals(_tables()).table, lambda: sk.read(io.BytesIO(LINE)).sessions):
            try:
                assert isinstance(ask(), pa.Table)
            except SessionkitError as error:
                _clear(error)


LINE = b'{"integrationId": "S", "applicationId": 270, "created": "31.01.2026 09:05", "state": 2}'
"""A dump of which settings must tell how to take its time and its state."""


TARGETS: dict[str, Target] = {
    "records": records,
    "readers": readers,
    "arguments": arguments,
    "sql": sql,
    "folders": folders,
    "config": config,
}


@cache
def _tables() -> sk.SessionTables:
    with TemporaryDirectory(prefix=PREFIX) as home:
        return sk.read(generate(home, sessions=40, seed=1) / "dumps")


def corpus(name: str, folder: Path) -> None:
    """Write what a target begins with."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(TEXTS.get(name, ())):
        (folder / f"text-{number}").write_text(text, encoding="utf-8")
    if name in ("records", "readers"):
        with TemporaryDirectory(prefix=PREFIX) as home:
            made = generate(home, sessions=30, seed=2, defects=True)
            for number, path in enumerate(sorted(p for p in made.rglob("*") if p.is_file())):
                (folder / f"dump-{number}").write_bytes(b"\x00" + path.read_bytes()[:4000])
    if name == "folders":
        told = _files()[manifest.MANIFEST]
        for number, begin in enumerate((b"\0\0", b"\0\2")):
            (folder / f"manifest-{number}").write_bytes(begin + told)
        for which in range(len(_files())):
            patch = bytes([which, 1 + 2 * (which % 2) + 4 * which, 16 * which, 0])
            (folder / f"patch-{which:02}").write_bytes(patch + b"\xff" * 8)


TEXTS = {
    "arguments": [
        "\0month\nstate\n2026-01-01\nEurope/Berlin\nEUR\nclosed\nopen",
        "\1attributes.Channel",
        "\6label\nsku\n\n\nattributes.Currency\nA-1\n\nA-2",
        "\x10category\napplication\n2026-01-01T00:00:00+02:00\nUTC\n\n270\n322",
    ],
    "sql": [
        "select state, count(*) from sessions group by all",
        "from cart_items limit 1",
        "copy sessions to 'out.csv'",
        "attach 'other.duckdb' as other",
        "export database 'out'",
    ],
    "config": [
        'tz = "Europe/Berlin"\nguests = "^guest-"\ncurrencies = "EUR"\n',
        'assume_tz = "Asia/Tokyo"\ndate_format = "%d.%m.%Y %H:%M"\nstate_numbers = "four"\n',
        'effects_complete = "2026-01-01..2026-04-01"\ndialect = "v1_session"\n',
        '[applications]\n270 = "Shop"\n[currencies]\n270 = "EUR"\n[total_basis]\n'
        '322 = "after_discounts"\n[empty_discounts]\n270 = "zero"\n',
        '[attributes]\nChannel = "string"\n[item_attributes]\ncolor = "list"\n',
    ],
}
"""What targets of texts begin with."""
