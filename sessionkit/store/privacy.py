"""Pseudonyms: keyed hashes in the place of what is personal, the same wherever it stands.

What a text becomes is HMAC-SHA-256 of its UTF-8 bytes under the caller's key, in hex, so that

    hmac.new(key, b"customer-7", "sha256").hexdigest()

finds a customer for whoever has the key, and joins hold across tables, stores and exports of one
key. Talon.One's own numbers of customers become numbers. The key itself is kept nowhere.

Layer: inside `store`, above `layout`; imports `staged`, `decode` and `tables` from below.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.columns import Kind
from sessionkit.database import Connection
from sessionkit.errors import StoreError, UsageError
from sessionkit.sinks import TABLES
from sessionkit.staged import Staged
from sessionkit.store.hiding import Hiding, inside, kept_json, map_texts
from sessionkit.tables import ATTRIBUTES, EFFECTS, FINDINGS, LOADS, REJECTS, SNAPSHOTS

LEFT_OUT = "left out, as it may be personal"
"""What stands in a reject in the place of what was found; its bytes are left out too."""

SHORTEST = 16
"""How many bytes a key must have."""

_CHECKED = "sessionkit: a text that tells keys apart"
_JSON = ("attributes", "extras", "normal", "props")
_CONFLICT = r"^(profileId|profileInternalId|referralCode|identifiers|loyaltyCards)$"


class Pseudonyms:
    """What stands for what is personal, under one key.

    Example:
        >>> hidden = Pseudonyms("no key for anything real", attributes=["Email"])
        >>> hidden, len(hidden.text("customer-7")), hidden.text("")
        (Pseudonyms(attributes=['Email']), 64, '')
    """

    def __init__(self, key: str | bytes, attributes: Collection[str] = ()) -> None:
        """Take a key.

        Args:
            key: At least 16 bytes, or a text of as many; better 32 random ones.
            attributes: The names of attributes, of sessions and of lines, that are personal too.

        Raises:
            UsageError: The key is too short, or `attributes` is one text.
        """
        if not isinstance(key, str | bytes) or len(key) < SHORTEST:
            raise UsageError(f"pseudonymise: expected a key of at least {SHORTEST} characters.")
        if isinstance(attributes, str):
            raise UsageError("pseudonymise_attributes: expected a list of names, got one text.")
        self._key = key.encode() if isinstance(key, str) else key
        self.attributes = tuple(sorted(set(attributes)))
        self._hiding = Hiding(self.text, frozenset(attributes))

    @property
    def key_check(self) -> str:
        """What tells this key from others."""
        return self.text(_CHECKED)

    def text(self, value: str) -> str:
        """The pseudonym of a text, in 64 hex digits; an empty text names nobody and stays."""
        return self._mac(value).hex() if value else ""

    def number(self, value: int) -> int:
        """The pseudonym of a number: another one, from 1 to 2**63 - 1."""
        return int.from_bytes(self._mac(str(value))[:8], "big") >> 1 or 1

    def _mac(self, value: str) -> bytes:
        return hmac.digest(self._key, value.encode(), "sha256")

    def __repr__(self) -> str:
        return f"Pseudonyms(attributes={list(self.attributes)})"

    def staged(self, batches: Iterable[Staged]) -> Iterator[Staged]:
        """Batches of a read with pseudonyms in them, before they touch the disk."""
        for staged in batches:
            tables = {name: self.rows(name, rows) for name, rows in staged.tables.items()}
            rejects = [
                replace(
                    reject,
                    raw=b"",
                    reasons=tuple(replace(reason, found=LEFT_OUT) for reason in reject.reasons),
                )
                for reject in staged.rejects
            ]
            yield replace(staged, tables=tables, rejects=rejects)

    def rows(self, name: str, rows: pa.Table) -> pa.Table:
        """Rows of a table, staged or not, with pseudonyms in them."""
        if name == REJECTS.name:
            return _without_raw(rows)
        if name == LOADS.name:
            return _put(rows, "message", map_texts(_one(rows["message"]), _without_quotation))
        if name == FINDINGS.name:
            return self._conflicts(rows)
        if name == SNAPSHOTS.name:  # its digest is of all that the session says
            return _put(rows, "digest", map_texts(_one(rows["digest"]), self.text))
        if name == ATTRIBUTES.name:
            rows = self._attributes(rows)
        if name == EFFECTS.name:
            rows = self._props(rows)
        for column in rows.column_names:
            if change := self._change(name, column):
                rows = _put(rows, column, change(_one(rows[column])))
        return rows

    def _change(self, table: str, column: str) -> Callable[[pa.Array], pa.Array] | None:
        """What is to be done to a column, if anything."""
        if column in _JSON and table not in (ATTRIBUTES.name, EFFECTS.name):
            if column == "attributes":
                return lambda texts: map_texts(texts, self._hiding.attributes)
            return lambda texts: map_texts(texts, kept_json(self._hiding, column))
        declared = TABLES[table]
        if column not in declared.names or not declared[column].personal:
            return None
        return {
            Kind.TEXT: lambda texts: map_texts(texts, self.text),
            Kind.TEXTS: lambda lists: inside(lists, lambda each: map_texts(each, self.text)),
            Kind.WHOLE: lambda numbers: _map_numbers(numbers, self.number),
        }.get(declared[column].kind)

    def _attributes(self, rows: pa.Table) -> pa.Table:
        """Rows of attributes, the values of those that were chosen replaced."""
        chosen = pc.is_in(rows["name"], pa.array(self.attributes, pa.string()))
        if not pc.any(chosen).as_py():
            return rows
        for column in {"value", "normal"} & set(rows.column_names):
            hidden = map_texts(_one(rows[column].filter(chosen)), self._hiding.value)
            rows = _put(
                rows, column, pc.replace_with_mask(_one(rows[column]), _one(chosen), hidden)
            )
        scalar = pc.is_in(rows["kind"], pa.array(["number", "boolean"]))
        texts = pc.and_(chosen, scalar)
        return _put(rows, "kind", _one(pc.if_else(texts, "string", rows["kind"])))

    def _props(self, rows: pa.Table) -> pa.Table:
        """Rows of effects, with pseudonyms in the JSON that tells more of them."""
        for column in ("props", "extras"):
            told = rows.select([column, "profile_id", "referral_code"])
            frame = pl.DataFrame(pl.from_arrow(told.rename_columns(["json", "one", "other"])))
            each = frame.unique()
            hidden = [self._hiding.props(*row) for row in each.iter_rows()]
            found = frame.join(
                each.with_columns(hidden=pl.Series(hidden, dtype=pl.String)),
                on=["json", "one", "other"],
                how="left",
                nulls_equal=True,
                maintain_order="left",
            )
            rows = _put(rows, column, found["hidden"].to_arrow())
        return rows

    def _conflicts(self, rows: pa.Table) -> pa.Table:
        """Findings, where two records differ in what is personal."""
        path = pl.Series(pl.from_arrow(rows["path"]))
        personal = path.str.contains(_CONFLICT)
        for name in self.attributes:
            personal |= path.str.ends_with(f"attributes.{name}")
        marked = personal.fill_null(False).to_arrow()
        for column in ("expected", "seen"):
            hidden = map_texts(_one(rows[column]), self.text)
            rows = _put(rows, column, _one(pc.if_else(marked, hidden, rows[column])))
        return rows


def pseudonyms_of(key: str | bytes | None, attributes: Collection[str]) -> Pseudonyms | None:
    """The pseudonyms that were asked for, if any.

    Raises:
        UsageError: The key is too short, or attributes were named without a key.
    """
    if key is None and attributes:
        raise UsageError("pseudonymise_attributes: needs a key: give `pseudonymise` too.")
    return None if key is None else Pseudonyms(key, attributes)


def agree(connection: Connection, pseudonyms: Pseudonyms | None, where: str) -> None:
    """Refuse to load with another key than before, or with none, or with one where none was.

    Raises:
        StoreError: It is so.
    """
    kept = _kept(connection)
    if kept is None or kept == _terms(pseudonyms):
        return
    (key_check, names), given = kept, pseudonyms
    if key_check is None:
        said = "what is personal stands in this store as it came, and a key was given"
    elif given is None:
        said = "what is personal has pseudonyms in this store, and no key was given"
    elif given.key_check != key_check:
        said = "the pseudonyms in this store were made with another key"
    else:
        said = f"the attributes that have pseudonyms in this store are: {', '.join(names) or '-'}"
    raise StoreError(
        f"{where}: {said}; nothing was loaded. Customers would not be the same from load to "
        "load. Give the same key and attributes, or load into another store."
    )


def keep(connection: Connection, load: int, pseudonyms: Pseudonyms | None) -> None:
    """Keep on what terms a load was made, if they are new."""
    if _kept(connection) != _terms(pseudonyms):
        key_check, names = _terms(pseudonyms)
        connection.execute(
            "insert into kept.pseudonyms values ($load, $key_check, $names)",
            {"load": load, "key_check": key_check, "names": names},
        )


def already(connection: Connection, pseudonyms: Pseudonyms) -> tuple[str, ...] | None:
    """The attributes that have the pseudonyms of this key in all a store holds, if all of it has.

    Returns:
        Their names, perhaps none; None where the store was loaded without a key, or another one.
    """
    kept = connection.sql("select distinct key_check, attributes from kept.pseudonyms").fetchall()
    if {key_check for key_check, _ in kept} != {pseudonyms.key_check}:
        return None
    return tuple(set.intersection(*(set(names) for _, names in kept)))


def _kept(connection: Connection) -> tuple[str | None, list[str]] | None:
    rows = connection.sql(
        "select key_check, attributes from kept.pseudonyms order by load desc limit 1"
    ).fetchall()
    return rows[0] if rows else None


def _terms(pseudonyms: Pseudonyms | None) -> tuple[str | None, list[str]]:
    return (pseudonyms.key_check, list(pseudonyms.attributes)) if pseudonyms else (None, [])


def _without_quotation(message: str) -> str:
    """Why a file was not read, without how it begins."""
    before, begins, _ = message.partition(" begins with ")
    return f"{before}{begins}what is {LEFT_OUT}" if begins else message


def _without_raw(rows: pa.Table) -> pa.Table:
    """Rejects without what may be personal: their bytes, and what was found."""
    rows = _put(rows, "raw", pa.array([b""] * rows.num_rows, pa.binary()))
    reasons = [
        [reason | {"found": LEFT_OUT} for reason in each] for each in rows["reasons"].to_pylist()
    ]
    return _put(rows, "reasons", pa.array(reasons, rows["reasons"].type))


def _put(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = rows.schema.get_field_index(name)
    field = rows.schema.field(place)
    return rows.set_column(place, field, values.cast(field.type))


def _one(column: pa.ChunkedArray) -> pa.Array:
    made = column.combine_chunks()
    return made if isinstance(made, pa.Array) else pa.concat_arrays(made.chunks)


def _map_numbers(numbers: pa.Array, change: Callable[[int], int]) -> pa.Array:
    known = numbers.dictionary_encode()
    made = pa.array([change(each) for each in known.dictionary.to_pylist()], numbers.type)
    return pa.DictionaryArray.from_arrays(known.indices, made).dictionary_decode()
