"""The quick path: many records at once, as far as that is surely right.

    apart -> accounting -> stating -> rowing -> deriving
    texts    all found?    sessions   others    sums

What any of these steps doubts is left to the exact path, record by record. The quick path never
rejects and never guesses: it gives the rows that the exact path would give, or none.

Layer: top of `bulk`.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.bulk.accounting import accounted
from sessionkit.bulk.apart import Part, apart, in_one_piece
from sessionkit.bulk.attributes import Verbatim
from sessionkit.bulk.deriving import derived
from sessionkit.bulk.outline import Outline
from sessionkit.bulk.rowing import child_rows
from sessionkit.bulk.seen import Outlines
from sessionkit.bulk.stating import Whole, dialect_and_told, session_rows
from sessionkit.database import Connection
from sessionkit.dialects import Dialect
from sessionkit.values import Reading

_SPACE = " \t\r\n"
_SAMPLE = 64
_MANY = 50
"""One record in so many that are in doubt is reason to look whether the dump has other members."""


class Quick(NamedTuple):
    """What was taken: frames by table, each with `record`, the place of the record in the texts.

    `sessions` holds `told` and `sentinel` besides; `attributes` holds `normal`. `doubtful` are the
    places of the records that were left.
    """

    tables: dict[str, pl.DataFrame]
    doubtful: list[int]
    dialect: Dialect | None = None


class Setting(NamedTuple):
    """What is known of all the texts alike.

    Attributes:
        reading: What the caller said of the dumps.
        page: Whether the records stood in the `data` of list pages.
        cells: Of rows of a CSV export, what its header tells, as bits; None for other records.
    """

    reading: Reading
    page: bool = False
    cells: int | None = None


def quick(texts: pa.Array, setting: Setting, outlines: Outlines, db: Connection) -> Quick:
    """Take many records at once.

    Args:
        texts: The records as they are in the dump, each valid JSON but for its encoding.
        setting: What is known of all of them.
        outlines: What was learnt of the dumps so far.
        db: A connection of the thread's own.
    """
    trimmed = _trimmed(_readable(texts))
    if not outlines.outline.spelt:
        outlines.learn(_bytes(trimmed.slice(0, _SAMPLE)))
    taken = _taken(trimmed, setting, outlines.outline, db)
    if len(taken.doubtful) * _MANY > len(texts):
        sample = taken.doubtful[:: max(1, len(taken.doubtful) // _SAMPLE)]
        if outlines.learn(_bytes(trimmed.take(pa.array(sample)))):
            return _taken(trimmed, setting, outlines.outline, db)
    return taken


def _readable(texts: pa.Array) -> pa.Array:
    """The texts, with `{}` for those that are no UTF-8, which the exact path then refuses."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        each = texts.cast(pa.binary()).to_pylist()
        return pa.array([_text(raw) for raw in each], pa.string())
    return texts


def _trimmed(texts: pa.Array) -> pa.Array:
    """The texts without white space behind them; where there is none, as in rows, no copy."""
    if pc.all(pc.ends_with(texts, "}")).as_py():
        return texts
    return pc.utf8_rtrim(texts, characters=_SPACE)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "{}"


def _bytes(texts: pa.Array) -> list[bytes]:
    return [text.encode() for text in texts.to_pylist()]


def _taken(texts: pa.Array, setting: Setting, outline: Outline, db: Connection) -> Quick:
    nothing = Quick({}, list(range(len(texts))))
    if not outline.spelt:
        return nothing
    texts, part = _apart(texts, outline, db)
    doubt, exact, blank = accounted(texts, part, outline, db)
    inner = [outline, *outline.inner.values()]
    keys = frozenset(key for each in inner for key, name in each.spelt if name == "attributes")
    whole = Whole(part, doubt, Verbatim(exact, blank, texts, keys), setting.reading)
    found = dialect_and_told(whole, page=setting.page, cells=setting.cells)
    if found is None:
        return nothing
    dialect, told = found
    sessions = session_rows(whole, dialect).with_columns(record=part.frame["record"])
    sessions, tables = child_rows(whole, sessions, db)
    tables["sessions"] = derived(whole, dialect, told, sessions, tables)
    doubtful = whole.doubt.arg_true().to_list()
    if doubtful:
        tables = {n: t.filter(~whole.doubt.gather(t["record"])) for n, t in tables.items()}
    return Quick(tables, doubtful, dialect)


def _apart(texts: pa.Array, outline: Outline, db: Connection) -> tuple[pa.Array, Part]:
    """Take records apart; one that DuckDB does not take for JSON counts as `{}`, and is refused."""
    try:
        return texts, apart(texts, outline, db)
    except duckdb.Error:
        db.register("texts", pa.table({"text": texts}))
        sql = "select case when json_valid(text) then text else '{}' end as text from texts"
        valid = in_one_piece(db.sql(sql).to_arrow_table()["text"])
        db.unregister("texts")
        return valid, apart(valid, outline, db)
