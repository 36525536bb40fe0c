"""The section about the data: what was read, what was rejected, what is odd, what is not known.

Layer: inside `page`, above `facts`, `parts` and `charts`; imports `errors` and `rules` from below.
"""

from __future__ import annotations

from collections.abc import Iterator

from sessionkit.errors import REASONS
from sessionkit.page.answers import Answers
from sessionkit.page.charts import Bar, bars
from sessionkit.page.facts import Facts, Row, conservation
from sessionkit.page.grid import Block, Figure, Grid, Section, grid
from sessionkit.page.numbers import plural
from sessionkit.page.parts import counted
from sessionkit.rules import RULES

_FILES = (
    "source_file",
    "status",
    "dialects",
    "records",
    "sessions",
    "repeats",
    "older",
    "effects",
    "rejects",
    "bytes",
    "message",
)
_COUNTS = ("records", "sessions", "repeats", "older", "effects", "rejects", "bytes", "findings")
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
_KNOWN = {
    "total_known_count": "the total",
    "priced_count": "every price",
    "discount_known_count": "the discounts",
    "returned_known_count": "what was returned",
}


def quality(read: Facts, asked: Answers) -> Section:
    """What was read, what was rejected, what is odd, and what is not known."""
    blocks = [_known(asked)]
    if read.rejects:
        blocks.append(Block((_reasons(read), _reject_examples(read)), title="Rejected records"))
    blocks.append(_findings(read))
    if read.files:
        blocks.append(Block((_files(read),), title="Files"))
    return Section(
        "read",
        "How good are the data?",
        "Data quality",
        says=(file_counts(read) + ".", conservation(read) + ".", _rejected(read)),
        blocks=tuple(blocks),
    )


def headline(read: Facts) -> str:
    """What a reader must know of the data before the figures, in a sentence."""
    rejects = read.open_rejects
    counts = {"error": 0, "warning": 0}
    for row in read.findings:
        if row["severity"] in counts:
            counts[row["severity"]] += row["finding_count"]
    said = [plural(rejects, "record") + " rejected"] if rejects else ["nothing rejected"]
    said += [plural(count, name) for name, count in counts.items() if count]
    return ", ".join(said)


def _known(asked: Answers) -> Block:
    """Of how many sessions the figures are known that money rests on."""
    rows = asked["all"].table.to_pylist()
    every = sum(row["session_count"] for row in rows)
    if not every:
        return Block()
    counts = {name: sum(row[name] for row in rows) for name in _KNOWN}
    drawn = [Bar(said, counts[name], counted(counts[name], every)) for name, said in _KNOWN.items()]
    return Block(
        figures=(
            Figure(
                "Sessions of which it is known", bars("Sessions of which it is known", drawn, every)
            ),
        )
    )


def _findings(read: Facts) -> Block:
    """What is odd in what was taken in, by rule."""
    if not read.findings:
        return Block(title="Findings", says=("No rule found anything odd.",))
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
    by_rule = grid(
        "findings-rules",
        "Findings by rule, the gravest first",
        rules,
        ("rule", "severity", "findings", "sessions", "meaning"),
        right=_COUNTS,
        folded=False,
    )
    first = grid(
        "findings-examples",
        "The first places of each rule",
        list(_examples(read.findings, "rule")),
        _FINDING_EXAMPLES,
        right=_PLACES,
    )
    said = "A finding is a doubt about a record that was taken in: it stays in all figures."
    return Block((by_rule, first), "Findings", says=(said,))


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
    if not read.open_rejects:
        return "Nothing was rejected." if read.loads is None else "No reject is open."
    return "Rejected records count in no other figure of this page."


def _files(read: Facts) -> Grid:
    # Files with something to say come first, so that a cut never hides them.
    ordered = sorted(read.files, key=lambda row: (not row["rejects"], row["status"] == "read"))
    told = any(row["message"] for row in ordered)
    left_out = {"message": not told, "effects": not any(row["effects"] for row in read.files)}
    columns = tuple(name for name in _FILES if not left_out.get(name))
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
    return grid(
        "rejects", caption, rows, ("reason", "records", "meaning"), right=_COUNTS, folded=False
    )


def _reject_examples(read: Facts) -> Grid:
    rows = [{**row, "reason": row["code"]} for row in _examples(read.rejects, "code")]
    return grid(
        "reject-examples", "The first places of each reason", rows, _REJECT_EXAMPLES, right=_PLACES
    )


def _examples(rows: tuple[Row, ...], name: str) -> Iterator[Row]:
    for row in rows:
        for example in row["examples"]:
            yield {name: row[name], **example, "path": example["path"] or None}
