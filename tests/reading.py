"""Reading dumps that are written out in tests: documents in, plain rows out."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import sessionkit
from sessionkit.containers import RawRecord
from sessionkit.dialects import Session, understand
from sessionkit.flatten import Flat, flatten
from sessionkit.session_tables import SessionTables
from sessionkit.tables import MODEL, PROVENANCE, SESSION_KEY
from sessionkit.values import Reading

Doc = bytes | str | dict[str, Any] | list[Any]

MINIMAL: dict[str, Any] = {
    "integrationId": "S-1",
    "applicationId": 1,
    "created": "2024-03-01T10:00:00Z",
    "total": 10,
    "discounts": {},
}
"""The least that a V1 session without any finding but its total has."""


def session(**members: Any) -> dict[str, Any]:
    """A V1 session with these members; one that is given as ... is left out."""
    return {name: value for name, value in (MINIMAL | members).items() if value is not ...}


def item(**members: Any) -> dict[str, Any]:
    """A cart line with these members."""
    given = {"sku": "A", "quantity": 1, "price": 10} | members
    return {name: value for name, value in given.items() if value is not ...}


def dump(doc: Doc) -> bytes:
    """The bytes of a file: a text as it is, an object as JSON, a list as JSON Lines."""
    if isinstance(doc, bytes):
        return doc
    if isinstance(doc, str):
        return doc.encode()
    return b"\n".join(json.dumps(one).encode() for one in (doc if isinstance(doc, list) else [doc]))


def named(name: str, content: bytes) -> io.BytesIO:
    """An open file with a name."""
    file = io.BytesIO(content)
    file.name = name  # type: ignore[attr-defined]
    return file


def read(*docs: Doc, **options: Any) -> SessionTables:
    """Read each document as a file of its own, called `file-1`, `file-2` and so on."""
    files = [named(f"file-{number}", dump(doc)) for number, doc in enumerate(docs, 1)]
    tables = sessionkit.read(*files, **options)
    assert conserved(tables)
    return tables


def conserved(tables: SessionTables) -> bool:
    """Whether every record that came in is told of once."""
    ended = tables.sessions.num_rows + tables.repeats + tables.older + tables.rejects.num_rows
    return tables.records == ended + sum(tables.loads["effects"].to_pylist())


def plain(value: Any) -> Any:
    """A value as text or number: amounts without zeros at the end, instants as RFC 3339."""
    if isinstance(value, Decimal):
        written = f"{value:f}"
        return written.rstrip("0").rstrip(".") if "." in written else written
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat().rstrip("0" if value.microsecond else "") + "Z"
    return value


def rows(tables: SessionTables, name: str, *, provenance: bool = False) -> list[dict[str, Any]]:
    """The rows of a table without their nulls, and without where they came from."""
    hidden = () if provenance else PROVENANCE
    return [
        {n: plain(v) for n, v in row.items() if v is not None and n not in hidden}
        for row in getattr(tables, name).to_pylist()
    ]


def one(tables: SessionTables, name: str = "sessions") -> dict[str, Any]:
    """The only row of a table."""
    (row,) = rows(tables, name, provenance=True)
    return row


def model(tables: SessionTables) -> dict[str, list[dict[str, Any]]]:
    """The tables of the model, provenance aside."""
    return {table.name: rows(tables, table.name) for table in MODEL}


def reasons(tables: SessionTables) -> list[tuple[str, str]]:
    """Code and path of every reason of the only reject."""
    (reject,) = tables.rejects.to_pylist()
    return [(reason["code"], reason["path"]) for reason in reject["reasons"]]


def codes(tables: SessionTables) -> list[str]:
    """The codes of all reasons of all rejects, by file and record."""
    return [reason["code"] for reject in tables.rejects.to_pylist() for reason in reject["reasons"]]


def rules(tables: SessionTables) -> Counter[str]:
    """How often each rule has a finding."""
    return Counter(tables.findings["rule"].to_pylist())


def findings(tables: SessionTables, rule: str) -> list[dict[str, Any]]:
    """The findings of one rule, without their nulls."""
    found = rows(tables, "findings", provenance=True)
    return [row for row in found if row["rule"] == rule]


def flat_of(doc: Doc, *, container: str = "json", dialect: str | None = None) -> Flat:
    """One record, understood and flattened, without the rest of a read."""
    understood = understand(RawRecord(1, 0, dump(doc), container), dialect)
    assert isinstance(understood, Session), understood
    return flatten(understood, Reading())


def flat_rows(flat: Flat, name: str) -> list[dict[str, Any]]:
    """The rows of one table, without nulls and without the session's key."""
    (table,) = (table for table in MODEL if table.name == name)
    return [
        {
            column: plain(value)
            for column, value in zip(table.names, row, strict=True)
            if value is not None and (name == "sessions" or column not in SESSION_KEY)
        }
        for row in flat.rows[name]
    ]
