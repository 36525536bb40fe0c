"""What reading brought: files, records, rejects by reason, findings by rule.

The page shows it, and so does the summary on the terminal.

Layer: inside `page`; imports `database` and `sql` from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sessionkit.database import Source, open_source, run
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
    """

    files: tuple[Row, ...]
    rejects: tuple[Row, ...]
    findings: tuple[Row, ...]
    span: Row

    def total(self, column: str) -> int:
        """The sum of a count over all files."""
        return sum(row[column] for row in self.files)

    def with_status(self, *statuses: str) -> list[Row]:
        """The files that ended in one of these ways."""
        return [row for row in self.files if row["status"] in statuses]


def facts_of(source: Source) -> Facts:
    """Ask a source how its reading went.

    Args:
        source: Tables, or a folder of them.

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
    return Facts(tuple(files), tuple(rejects), tuple(findings), span[0])


def conservation(read: Facts) -> str:
    """The law that nothing is lost, with its figures.

    The four on the right are counted apart from the one on the left.
    """
    parts = (
        plural(read.total("sessions"), "session"),
        plural(read.total("repeats"), "repeat"),
        f"{read.total('older'):,} older",
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
