r"""Taking many records apart at once, and proving that nothing was overlooked.

DuckDB's JSON functions take each record apart along an outline, every value as JSON text. They
pass over what the outline does not name, and write values anew, so the proof comes from counting:
what was found must account for every byte of the record but zeros, which only trailing zeros of
numbers explain (`99.60` is written anew as `99.6`). Why that is proof:

* Anything overlooked - an unknown member, a key that stands twice, a null, white space - has bytes
  that are no `0` and are not accounted for.
* An escape that is written anew loses its backslash; one by number (`\u3000`) may lose nothing
  else, or stand in a key, which is not kept as text. So a record with any of those is in doubt.
* `-0` loses its sign. A number with an exponent loses its `e`, and its digits but for zeros,
  against one point at most; only `5e0`, which is 5.0, comes out even, and `5e-2` is as long as
  0.05. Both are right as numbers; where text is kept, in attributes, it is looked up in the record.
* A number of more than 15 digits may lose some to a double. Cut off, digits that are no zeros are
  missing in the count; rounded up or down, nines are. With 16 digits left the count may come out
  even, so such numbers are *long*, and are taken once more, as decimals.

Where the lengths agree to the byte, the text of every value is the text in the record.

Layer: above `outline`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.bulk.outline import Form, Outline
from sessionkit.database import Connection
from sessionkit.decode import encode


@dataclass
class Part:
    """Objects of one kind, out of many records, or the elements of lists or maps.

    Attributes:
        frame: One row each: `record`, `row` of the owner, `line` of the cart where there is one,
            `key` in maps, and the JSON texts of its members by folded name (of an element itself:
            `value`).
        size: How many bytes each takes in its record, as far as they were found.
        bare: Whether each is no object, or one in which no member was found.
        parts: What is inside, by folded name.
        told: Which lists, maps and objects are there, by folded name.
    """

    frame: pl.DataFrame
    size: pl.Series
    bare: pl.Series
    parts: dict[str, Part] = field(default_factory=dict)
    told: dict[str, pl.Series] = field(default_factory=dict)

    def all(self) -> Iterator[Part]:
        """This part and those inside."""
        yield self
        for part in self.parts.values():
            yield from part.all()


def apart(texts: pa.Array, outline: Outline, db: Connection, number: str = "JSON") -> Part:
    """Take records apart.

    Args:
        texts: The records; each is valid JSON.
        outline: What to look for.
        db: Where; a connection of the thread's own.
        number: The DuckDB type of numbers; JSON keeps their text.

    Raises:
        duckdb.Error: DuckDB does not take one of the records for JSON.
    """
    structure = encode(outline.structure(number))
    db.register("texts", pa.table({"text": texts}))
    try:
        taken = db.sql("select json_transform(text, $1) as it from texts", params=[structure])
        whole = in_one_piece(taken.to_arrow_table()["it"])
    finally:
        db.unregister("texts")
    return _objects(outline, whole, {"record": pl.int_range(len(whole), eager=True)})


def in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array; `combine_chunks` copies it even where it is one already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _objects(outline: Outline, array: pa.StructArray, place: dict[str, pl.Series]) -> Part:
    """Lay out an array of objects, one per row."""
    members = dict(zip([each.name for each in array.type], array.flatten(), strict=True))
    part = Part(pl.DataFrame(), pl.Series(), pl.Series())
    leaves: dict[str, pl.Series] = {}
    inside: dict[str, pl.Series] = {}
    sizes = []
    for key, name in outline.spelt:
        form, column, head = outline.forms[name], members[key], len(encode(key)) + 2
        if form is Form.VALUE:
            leaves[name] = _series(column)
            if leaves[name].dtype == pl.String:
                sizes.append(pl.col(name).str.len_bytes().cast(pl.Int64) + head)
        else:
            part.told[name] = _series(pc.is_valid(column))
            inner = place if form is Form.OBJECT else _inner_place(place, column)
            inside[name] = _inside(part, name, outline, column, inner)
            sizes.append(pl.when(f"?{name}").then(pl.col(f"#{name}") + head))
    told = {f"?{name}": there for name, there in part.told.items()}
    frame = pl.DataFrame(leaves | told | {f"#{name}": size for name, size in inside.items()})
    found = [pl.col(name).is_not_null() for name in leaves] + [pl.col(name) for name in told]
    seen = frame.select(
        size=(pl.sum_horizontal(pl.lit(0, pl.Int64), *sizes) + 1).clip(lower_bound=2),
        bare=~pl.any_horizontal(found),
    )
    part.size, part.bare = seen["size"], seen["bare"]
    part.frame = pl.DataFrame(place | leaves)
    return part


def _inner_place(place: dict[str, pl.Series], column: pa.Array) -> dict[str, pl.Series]:
    """Where the elements of lists or maps stand: record, row of their owner, line of the cart."""
    parents = _series(pc.list_parent_indices(_as_lists(column))).cast(pl.UInt32)
    inner = {"record": place["record"].gather(parents), "row": parents}
    if "line" in place:
        inner["line"] = place["line"].gather(parents)
    return inner


def _inside(
    part: Part, name: str, outline: Outline, column: pa.Array, place: dict[str, pl.Series]
) -> pl.Series:
    """Lay out what is inside a member; give the bytes that it takes in each row."""
    form = outline.forms[name]
    if form is Form.OBJECT:
        part.parts[name] = inner = _objects(outline.inner[name], column, place)
        inner.bare = inner.bare & part.told[name]
        return inner.size
    if form is Form.OBJECTS:
        line = pl.int_range(len(place["row"]), eager=True) - _starts(column).gather(place["row"])
        inner = _objects(outline.inner[name], column.values, place | {"line": line})
        sizes = inner.size
    elif form is Form.LIST:
        inner = _elements(_series(column.values), place)
        sizes = inner.size
    else:
        keys = _series(column.keys)
        place = place | {"key": keys}
        if form is Form.MAP:
            inner = _elements(_series(column.items), place)
        else:
            inner = _objects(outline.inner[name], column.items, place)
        sizes = inner.size + _key_length(keys) + 1
    part.parts[name] = inner
    return _summed(sizes + 1, column)


def _elements(values: pl.Series, place: dict[str, pl.Series]) -> Part:
    """Lay out plain elements; a null among them leaves its record in doubt."""
    size = _length(values) if values.dtype == pl.String else pl.repeat(0, len(values), eager=True)
    return Part(pl.DataFrame(place | {"value": values}), size.fill_null(4), values.is_null())


def _as_lists(column: pa.Array) -> pa.ListArray:
    if isinstance(column, pa.MapArray):
        return pa.ListArray.from_arrays(column.offsets, column.keys)
    return column


def _starts(column: pa.Array) -> pl.Series:
    return _series(column.offsets)


def _summed(sizes: pl.Series, column: pa.Array) -> pl.Series:
    """The bytes of each list or map: its elements, their commas and its brackets."""
    ends = pl.concat([pl.Series([0], dtype=pl.Int64), sizes.cast(pl.Int64).cum_sum()])
    offsets = _starts(column)
    at = ends.gather(offsets)
    return (at.slice(1) - at.head(len(at) - 1) + 1).clip(lower_bound=2)  # empty brackets


def _length(texts: pl.Series) -> pl.Series:
    return texts.str.len_bytes().cast(pl.Int64)


def _key_length(keys: pl.Series) -> pl.Series:
    """The bytes of keys with their quotes, and with what must be escaped in them."""
    plain = _length(keys) + 2
    at = keys.str.contains(r'[\x00-\x1f"\\]').arg_true()
    if len(at):
        written = [len(encode(key).encode()) for key in keys.gather(at)]
        plain = plain.scatter(at, pl.Series(written, dtype=pl.Int64))
    return plain


def _series(array: pa.Array) -> pl.Series:
    made: Any = pl.from_arrow(array)
    return pl.Series(made)
