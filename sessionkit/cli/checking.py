"""The command that checks: rejects by reason, findings by rule, checksums of a folder.

Layer: inside `cli`, above `opening`; imports `folder`, `errors` and `rules` from below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.opening import is_flattened, opened
from sessionkit.cli.options import READING, SOURCES
from sessionkit.cli.shell import DONE, FAULTS, say
from sessionkit.errors import REASONS

if TYPE_CHECKING:
    from sessionkit.page.facts import Facts

GRAVITY = ("info", "warning", "error")
_NEVER = "never"


CHECK_HELP = """Validate and audit; print rejects by reason and findings by rule.

Ends with status 1 if a record was rejected or a finding is as grave as --fail-on. Of a folder
that flatten wrote, the checksums are verified too. Of a store, the findings as they are now and
the rejects that nobody has mended.

\b
Examples:
  sessionkit check exports/
  sessionkit check exports/ --fail-on warning --max-findings 20 --allow-rejects 10
  sessionkit check out/
"""


@click.command(help=CHECK_HELP, short_help="Print rejects by reason, findings by rule.")
@SOURCES
@click.option(
    "--fail-on",
    type=click.Choice([*GRAVITY, _NEVER]),
    default="error",
    show_default=True,
    help="The least grave finding that gives status 1.",
)
@click.option(
    "--max-findings",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="End with status 0 although there are up to N findings at --fail-on.",
)
@READING
def check(**values: Any) -> int:
    """Validate and audit; print rejects by reason and findings by rule."""
    for source in values["sources"]:
        if is_flattened(source) and _is_damaged(source):
            return FAULTS
    found = opened(values["sources"], values)
    for line in (*read_lines(found.facts), *reject_lines(found.facts), *_findings(found.facts)):
        click.echo(line)
    status = replace(found, is_past=False).status(values)
    return max(status, _verdict(found.facts, values["fail_on"], values["max_findings"]))


def _is_damaged(folder: str) -> bool:
    from sessionkit.folder import verify

    problems = [str(problem) for problem in verify(Path(folder))]
    for problem in problems:
        say(problem)
    return bool(problems)


def read_lines(read: Facts) -> Iterator[str]:
    """How many files and records were met, and what became of them."""
    from sessionkit.page.facts import conservation
    from sessionkit.page.reading import file_counts

    yield file_counts(read)
    yield conservation(read)


def reject_lines(read: Facts) -> Iterator[str]:
    """Each reason with what it means, and its first places."""
    from sessionkit.page.facts import fault, place
    from sessionkit.page.numbers import plural, printable

    for row in read.rejects:
        yield ""
        meaning = REASONS.get(row["code"], "not known to this version")
        yield f"{row['code']}: {plural(row['reject_count'], 'reject')}; {meaning}"
        for example in row["examples"]:
            yield printable(f"  {place(example)}: {fault(example)}")


def _findings(read: Facts) -> Iterator[str]:
    """Each rule with what it means, and its first places."""
    from sessionkit.page.facts import fault, place
    from sessionkit.page.numbers import plural, printable
    from sessionkit.rules import RULES

    for row in read.findings:
        yield ""
        findings = plural(row["finding_count"], "finding")
        meaning = RULES[row["rule"]].meaning if row["rule"] in RULES else ""
        yield f"{row['rule']} ({row['severity']}): {findings}; {meaning}"
        for example in row["examples"]:
            yield printable(f"  {_session(example)}{place(example)}: {fault(example)}")


def _session(example: dict[str, Any]) -> str:
    if example["integration_id"] is None:
        return ""
    return f"session {example['integration_id']} of application {example['application_id']}, "


def _verdict(read: Facts, fail_on: str, allowed: int) -> int:
    """Whether too many findings are grave enough, said on standard error when they are."""
    if fail_on == _NEVER:
        return DONE
    grave = GRAVITY[GRAVITY.index(fail_on) :]
    counted = sum(row["finding_count"] for row in read.findings if row["severity"] in grave)
    if counted <= allowed:
        return DONE
    found = f"{counted:,} finding{'s' * (counted > 1)} at {' or '.join(grave)}"
    say(f"{found}. --max-findings {counted} would let that pass.")
    return FAULTS
