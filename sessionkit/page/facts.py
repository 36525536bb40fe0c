"""What reading brought: files, records, rejects by reason, findings by rule.

The page shows it, and so does the summary on the terminal.

Layer: inside `page`; imports `database` and `sql` from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sessionkit.database import Connection, Source, open_source, run
from sessionkit.page.numbers import plural
from sessionkit.sql import text_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """How reading went, as rows of the queries in `sql/reading`.

    Attributes:
        files: One per file met, by name.
        rejects: One per reason, the most frequent first, with its first places.
        findings: One per rule and severity, the gravest first, with its first places.
        span: How many sessions and applications there are, from when to when.
        open_rejects: How many rejects there are; of a store those that nobody has mended.
        loads: How many loads a store has seen; None of anything else.
    """

    files: tuple[Row, ...]
    rejects: tuple[Row, ...]
    findings: tuple[Row, ...]
    span: Row
    open_rejects: int
    loads: int | None = None

    def total(self, column: str) -> int:
        """The sum of a count over all files."""
        return sum(row[column] for row in self.files)

    def with_status(self, *statuses: str) -> list[Row]:
        """The files that ended in one of these ways."""
        return [row for row in self.files if row["status"] in statuses]


def facts_of(source: Source) -> Facts:
    """Ask a source how its reading went.

    Args:
        source: Tables, a folder of them, or a store.

    Returns:
        Files, rejects, findings and span; all empty for tables that were never read from files.

    Example:
        >>> conservation(facts_of({}))
        '0 records = 0 sessions + 0 repeats + 0 older + 0 rejects'
    """
    with open_source(source) as connection:
        files, rejects, findings, span = (
            run(connection, text_of(f"reading/{name}")).to_pylist()
            for name in ("files", "rejects", "findings", "span")
        )
        ((open_rejects,),) = connection.sql("select count(*) from rejects").fetchall()
        loads = _loads(connection)
    return Facts(tuple(files), tuple(rejects), tuple(findings), span[0], open_rejects, loads)


def _loads(connection: Connection) -> int | None:
    is_store = "from duckdb_tables() where schema_name = 'kept' and table_name = 'about'"
    if not connection.sql(is_store).fetchall():
        return None
    found: int = run(connection, text_of("reading/store"))["load_count"][0].as_py()
    return found


def conservation(read: Facts) -> str:
    """The law that nothing is lost, with its figures.

    Those on the right are counted apart from the one on the left; rows of exports of effects are
    left out where there is none. Of a store, which reads sessions again and again, what it has now.
    """
    if read.loads is not None:
        met = f"{plural(read.total('records'), 'record')} in {plural(read.loads, 'load')}"
        rejects = f"{plural(read.open_rejects, 'reject')} open"
        return f"{met}: {plural(read.span['session_count'], 'session')}, {rejects}"
    effects = read.total("effects")
    parts = (
        plural(read.total("sessions"), "session"),
        plural(read.total("repeats"), "repeat"),
        f"{read.total('older'):,} older",
        *([plural(effects, "effect")] if effects else []),
        plural(read.total("rejects"), "reject"),
    )
    return f"{plural(read.total('records'), 'record')} = {' + '.join(parts)}"


def place(row: Row) -> str:
    """Where something was met: the file, and the record in it.

    Example:
        >>> place({"source_file": "a.jsonl", "source_record": 3})
        'a.jsonl, record 3'
    """
    record = row["source_record"]
    file: str = row["source_file"]
    return file + (f", record {record:,}" if record is not None else "")


def fault(row: Row) -> str:
    """What was expected and what was there, in one line.

    Example:
        >>> fault({"path": "total", "expected": "a number", "found": "'x'"})
        "total: expected a number, got 'x'"
    """
    where = f"{row['path']}: " if row["path"] else ""
    expected = f"expected {row['expected']}" if row["expected"] else ""
    got = f"got {row['found']}" if row["found"] else ""
    return where + ", ".join(part for part in (expected, got) if part)
