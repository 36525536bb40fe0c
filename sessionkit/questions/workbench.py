"""A connection on which a question is prepared, and the text of all that was done there.

Values become variables of the connection, bound as parameters; selects read them by name. So the
text that is kept can be run as it is, on any DuckDB that has the tables.

Layer: inside `questions`; imports `database` and `sql` from below.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression

from sessionkit.database import Connection, Source, open_source, quoted, run
from sessionkit.errors import FolderError
from sessionkit.given import SEVERAL, several_from
from sessionkit.plain_words import in_plain_words
from sessionkit.sql import text_of


@dataclass(frozen=True)
class Workbench:
    """Where a question is prepared.

    Attributes:
        connection: A connection over the tables.
        said: The statements that ran, in order.
        views: Selects by their names; a statement that names one begins with it, so that DuckDB
            binds it once and reads no column of it that nobody asks for.
        several: Tables by name as far as they are about sessions with several versions; none
            where the source does not tell those apart.
    """

    connection: Connection
    said: list[str] = field(default_factory=list)
    views: dict[str, str] = field(default_factory=dict)
    several: dict[str, str] = field(default_factory=dict)

    inlined = "not materialized "

    def keep(self, name: str, value: object) -> None:
        """Keep a value as a variable, bound as a parameter; what was never kept is null anyway."""
        if value is not None:
            with in_plain_words():
                self.connection.execute(f"set variable {quoted(name)} = $value", {"value": value})
        self.said.append(f"set variable {quoted(name)} = {literal(value)};")

    def keep_secret(self, name: str, value: str, told: str) -> None:
        """Keep a value of which the text that is kept tells only something else."""
        with in_plain_words():
            self.connection.execute(f"set variable {quoted(name)} = $value", {"value": value})
        self.said.append(f"set variable {quoted(name)} = {literal(told)};")

    def keep_from(self, name: str, expression: str) -> None:
        """Keep what an expression of the package's own gives as a variable."""
        self._do(f"set variable {quoted(name)} = {expression}")

    def keep_row(self, table: str, columns: Sequence[str]) -> None:
        """Keep the columns of a table of one row."""
        for name in columns:
            self.keep_from(name, f"(select {name} from {table})")  # noqa: S608 (our names)

    def table(self, name: str, text: str, *, of_several: bool = False) -> None:
        """Work a select out once, as a temporary table.

        Args:
            name: Its name.
            text: The select.
            of_several: It gives the same when it reads of sessions with several versions alone;
                that is what runs where it can, and not what is kept.
        """
        start = f"create temp table {quoted(name)} as\n"
        statement = start + self.whole(text)
        quick = replace(self, views=self.several | self.views) if of_several else self
        self._do(statement, start + quick.whole(text))

    def view(self, name: str, text: str) -> None:
        """Name a select, to be worked out where it is read."""
        self.views[name] = text.strip()

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The rows of a small select, for preparing; it is no part of the text that is kept."""
        with in_plain_words():
            found = self.connection.execute(self.whole(text))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def answer(self, text: str) -> pa.Table:
        """The rows of a select, and its text as the last that is kept.

        It is worked out into a table first: read as a relation it would be bound twice.
        """
        whole = self.whole(text)
        with in_plain_words():
            self.connection.execute(f"create temp table answer as\n{whole}")
        self.said.append(whole)
        return run(self.connection, "from answer")

    def prepared(self, name: str, *, once: bool = False, of_several: bool = False) -> None:
        """Make the view that `sql/prepared/<name>.sql` says; or, if `once`, the table.

        `of_several` is for a table; see there.
        """
        text = self.text_of(f"prepared/{name}")
        if once:
            self.table(name, text, of_several=of_several)
        else:
            self.view(name, text)

    def text_of(self, name: str) -> str:
        """The text of a `.sql` file, in the words of where it runs."""
        return text_of(name)

    def grouped(self, name: str, text: str) -> None:
        """Name a select that tells groups, in columns called `by_1`, `label_2` and so on."""
        self.view(name, text)

    def with_groups(self, always: str, groups: str, names: Sequence[str]) -> str:
        """The groups of a view, and those of a select, whose columns for them have these names."""
        return f"{always}\nunion all by name\n{groups}"

    def part_of_group(self, place: int, name: str) -> str:
        """What a group of an answer holds at a place, from 1, under the name that it had."""
        return f"grp[{place}]"

    @property
    def desk(self) -> Workbench:
        """Where answers lie that are small: here."""
        return self

    def keep_answer(self, name: str, text: str) -> None:
        """Work an answer out once, as a table on the desk that can be read here too."""
        self.table(name, text)

    def try_pattern(self, pattern: str) -> None:
        """Use a regular expression on nothing.

        Raises:
            QueryError: It is none.
        """
        with in_plain_words():
            self.connection.execute("select regexp_matches('', $it)", {"it": pattern}).fetchall()

    def whole(self, text: str) -> str:
        """A select, with the views that it reads before it."""
        read = text
        for name in reversed(self.views):
            if re.search(rf"\b{name}\b", read):
                read = f"{self.views[name]}\n{read}"
        told = [
            f"{name} as {self.inlined}(\n{indent(view, '    ')}\n)"
            for name, view in self.views.items()
            if view in read
        ]
        head, body = _HEAD.fullmatch(text.strip()).groups()  # type: ignore[union-attr]
        if not told:
            return text.strip()
        own = body[:5].lower() == "with "
        body = f",\n\n{body[5:]}" if own else f"\n\n{body}"
        return f"{head}with " + ",\n\n".join(told) + body

    def _do(self, statement: str, quicker: str = "") -> None:
        with in_plain_words():
            self.connection.execute(quicker or statement)
        self.said.append(f"{statement};")


@runtime_checkable
class HoldsBench(Protocol):
    """A source that brings a bench of its own, such as a folder that Spark reads."""

    def bench(self, needed: Collection[str]) -> AbstractContextManager[Workbench]:
        """A bench over these tables."""
        ...


@contextmanager
def open_bench(source: Source, needed: Collection[str]) -> Iterator[Workbench]:
    """Open what a question is asked of, to prepare it there; as `open_source` otherwise."""
    if isinstance(source, HoldsBench):
        with source.bench(needed) as bench:
            yield bench
    else:
        with open_source(source, needed) as connection:
            yield Workbench(connection, several=_several(connection, source, needed))


def _several(connection: Connection, source: Source, needed: Collection[str]) -> dict[str, str]:
    """Views for `Workbench.several`, of a folder that tells where such sessions begin."""
    if not isinstance(source, str | Path) or not set(SEVERAL) <= set(needed):
        return {}
    folder = Path(source).absolute()
    first = several_from(folder)
    if not first:
        return {}
    number = ColumnExpression("file_row_number")
    for name in SEVERAL:
        file = glob.escape(str(folder / f"{name}.parquet"))
        with in_plain_words(FolderError, f"{folder}: table {name}: "):
            rows = connection.read_parquet(file, file_row_number=True)
            rows.filter(number >= ConstantExpression(first)).create_view(f"several_{name}")
    return {name: f"from several_{name}" for name in SEVERAL}


_HEAD = re.compile(r"((?:--[^\n]*\n|\n)*)(.*)", re.DOTALL)
"""The remarks that a text begins with, and the rest of it."""


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
