"""The summary of a read: what a person has to know, in five seconds.

Layer: inside `cli`; imports `report.facts` and `report.reading` from below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sessionkit.page.facts import Facts, Row, conservation, fault, place
from sessionkit.page.numbers import plural, printable
from sessionkit.page.reading import file_counts

_MOST = 5
_WIDEST = 160


def summary(read: Facts) -> str:
    """Tell what was read, what was rejected and why, and what is odd.

    Returns:
        A few lines: files, the conservation of records, one line per reason and per rule.
    """
    lines = (
        file_counts(read) + (":" if read.with_status("unreadable") else ""),
        *_unreadable(read),
        conservation(read),
        *reasons(read.rejects),
        *_findings(read),
    )
    return "\n".join(map(printable, lines))


def _unreadable(read: Facts) -> Iterator[str]:
    rows = read.with_status("unreadable")
    for row in rows[:_MOST]:
        yield f"  {row['source_file']}: {row['message']}"
    if len(rows) > _MOST:
        yield f"  … and {len(rows) - _MOST:,} more"


def reasons(rejects: Sequence[Row]) -> Iterator[str]:
    """Why records were rejected: a line for each reason, with its first place."""
    if not rejects:
        return
    yield "rejected, by reason:"
    wide = max(len(row["code"]) for row in rejects)
    for row in rejects:
        first = row["examples"][0]
        line = f"  {row['code']:<{wide}}  {row['reject_count']:>5,}  {place(first)}: {fault(first)}"
        yield line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _findings(read: Facts) -> Iterator[str]:
    if not read.findings:
        yield "no findings"
        return
    total = sum(row["finding_count"] for row in read.findings)
    yield f"{plural(total, 'finding')}, by rule:"
    wide = max(len(row["rule"]) for row in read.findings)
    for row in read.findings:
        yield f"  {row['rule']:<{wide}}  {row['finding_count']:>5,}  {row['severity']}"
