"""The sections about reading: what was read, what was rejected, what is odd.

Layer: inside `page`, above `facts` and `grid`; imports `errors` and `rules` from below.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionkit.errors import REASONS
from sessionkit.page.facts import Facts, Row, conservation
from sessionkit.page.grid import Block, Grid, Section, grid
from sessionkit.page.numbers import plural
from sessionkit.rules import RULES

_FILES = (
    "source_file",
    "status",
    "dialects",
    "records",
    "sessions",
    "repeats",
    "older",
    "rejects",
    "bytes",
    "message",
)
_COUNTS = ("records", "sessions", "repeats", "older", "rejects", "bytes", "findings")
_PLACES = ("source_record", "source_offset")
_REJECT_EXAMPLES = (
    "reason",
    "source_file",
    "source_record",
    "source_offset",
    "path",
    "expected",
    "found",
)
_FINDING_EXAMPLES = (
    "rule",
    "application_id",
    "integration_id",
    "path",
    "expected",
    "found",
    "source_file",
    "source_record",
)


def read_section(read: Facts) -> Section:
    """Which files were read, and what became of every record in them."""
    blocks = []
    if read.rejects:
        blocks.append(Block((_reasons(read), _reject_examples(read)), title="Rejected records"))
    if read.files:
        blocks.append(Block((_files(read),), title="Files"))
    return Section(
        "read",
        "What was read",
        says=(file_counts(read) + ".", conservation(read) + ".", _rejected(read)),
        blocks=tuple(blocks),
    )


def findings_section(read: Facts) -> Section:
    """What is odd in what was taken in, by rule."""
    if not read.findings:
        return Section("findings", "Findings", says=("No rule found anything odd.",))
    rules = [
        {
            "rule": row["rule"],
            "severity": row["severity"],
            "findings": row["finding_count"],
            "sessions": row["session_count"],
            "meaning": RULES[row["rule"]].meaning if row["rule"] in RULES else None,
        }
        for row in read.findings
    ]
    columns = ("rule", "severity", "findings", "sessions", "meaning")
    return Section(
        "findings",
        "Findings",
        says=("A finding is a doubt about a record that was taken in: it stays in all figures.",),
        blocks=(
            Block(
                (
                    grid(
                        "findings-rules",
                        "Findings by rule, the gravest first",
                        rules,
                        columns,
                        right=_COUNTS,
                    ),
                    grid(
                        "findings-examples",
                        "The first places of each rule",
                        list(_examples(read.findings, "rule")),
                        _FINDING_EXAMPLES,
                        right=_PLACES,
                    ),
                )
            ),
        ),
    )


def file_counts(read: Facts) -> str:
    """How many files were read and how many were not.

    Copies of a file already read count apart; ways that no file ended in are left out.
    """
    words = {
        "read": "read",
        "copy": "the same as another",
        "skipped": "skipped",
        "unreadable": "unreadable",
    }
    counts = {status: len(read.with_status(status)) for status in words}
    parts = [f"{plural(counts.pop('read'), 'file')} read"]
    parts += [f"{number:,} {words[status]}" for status, number in counts.items() if number]
    return ", ".join(parts)


def _rejected(read: Facts) -> str:
    if not read.total("rejects"):
        return "Nothing was rejected."
    return "Rejected records count in no other figure of this page."


def _files(read: Facts) -> Grid:
    # Files with something to say come first, so that a cut never hides them.
    ordered = sorted(read.files, key=lambda row: (not row["rejects"], row["status"] == "read"))
    told = any(row["message"] for row in ordered)
    columns = _FILES if told else _FILES[:-1]
    return grid("files", "Files met", ordered, columns, right=_COUNTS, limit=20, what="file")


def _reasons(read: Facts) -> Grid:
    rows = [
        {
            "reason": row["code"],
            "records": row["reject_count"],
            "meaning": REASONS.get(row["code"]),
        }
        for row in read.rejects
    ]
    caption = "Rejected records by reason; a record with several faults stands under each"
    return grid("rejects", caption, rows, ("reason", "records", "meaning"), right=_COUNTS)


def _reject_examples(read: Facts) -> Grid:
    rows = [{**row, "reason": row["code"]} for row in _examples(read.rejects, "code")]
    return grid(
        "reject-examples", "The first places of each reason", rows, _REJECT_EXAMPLES, right=_PLACES
    )


def _examples(rows: tuple[Row, ...], name: str) -> Iterator[Row]:
    for row in rows:
        for example in row["examples"]:
            yield {name: row[name], **example, "path": example["path"] or None}
