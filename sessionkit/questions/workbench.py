"""A connection on which a question is prepared, and the text of all that was done there.

Values become variables of the connection, bound as parameters; views read them by name. So the
text that is kept can be run as it is, on any DuckDB that has the tables.

Layer: inside `questions`; imports `database` and `sql` from below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sessionkit.database import Connection, quoted, run
from sessionkit.plain_words import in_plain_words
from sessionkit.sql import text_of


@dataclass(frozen=True)
class Workbench:
    """Where a question is prepared; `said` is what ran, in order."""

    connection: Connection
    said: list[str] = field(default_factory=list)

    def keep(self, name: str, value: object) -> None:
        """Keep a value as a variable, bound as a parameter."""
        with in_plain_words():
            self.connection.execute(f"set variable {quoted(name)} = $value", {"value": value})
        self.said.append(f"set variable {quoted(name)} = {literal(value)};")

    def keep_from(self, name: str, expression: str) -> None:
        """Keep what an expression of the package's own gives as a variable."""
        self._do(f"set variable {quoted(name)} = {expression}")

    def table(self, name: str, text: str) -> None:
        """Work a select out once, as a temporary table."""
        self._do(f"create temp table {quoted(name)} as\n{text.strip()}")

    def view(self, name: str, text: str) -> None:
        """Name a select, to be worked out where it is read."""
        self._do(f"create temp view {quoted(name)} as\n{text.strip()}")

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The rows of a small select, for preparing; it is no part of the text that is kept."""
        found: list[dict[str, Any]] = run(self.connection, text).to_pylist()
        return found

    def prepared(self, name: str, *, once: bool = False) -> None:
        """Make the view, or the table, that `sql/prepared/<name>.sql` says."""
        (self.table if once else self.view)(name, text_of(f"prepared/{name}"))

    def _do(self, statement: str) -> None:
        with in_plain_words():
            self.connection.execute(statement)
        self.said.append(f"{statement};")


def literal(value: object) -> str:
    """Write a value as SQL, for reading; what runs is bound as a parameter.

    Example:
        >>> literal("it's"), literal([1, None]), literal(date(2024, 3, 1))
        ("'it''s'", '[1, null]', "date '2024-03-01'")
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return str(value)
        case datetime():
            return f"timestamptz '{value.isoformat()}'"
        case date():
            return f"date '{value.isoformat()}'"
        case list() | tuple():
            return "[" + ", ".join(literal(one) for one in value) + "]"
        case Mapping():
            raise TypeError("a variable holds no mapping")
    return "'" + str(value).replace("'", "''") + "'"
