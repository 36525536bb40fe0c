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
that flatten wrote, the checksums are verified too.

\b
Examples:
  sessionkit check exports/
  sessionkit check exports/ --fail-on warning --allow-rejects 10
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
@READING
def check(**values: Any) -> int:
    """Validate and audit; print rejects by reason and findings by rule."""
    for source in values["sources"]:
        if is_flattened(source) and _is_damaged(source):
            return FAULTS
    found = opened(values["sources"], values)
    for line in (*_rejects(found.facts), *_findings(found.facts)):
        click.echo(line)
    status = replace(found, is_folder=False).status(values)
    return max(status, _verdict(found.facts, values["fail_on"]))


def _is_damaged(folder: str) -> bool:
    from sessionkit.folder import verify

    problems = [str(problem) for problem in verify(Path(folder))]
    for problem in problems:
        say(problem)
    return bool(problems)


def _rejects(read: Facts) -> Iterator[str]:
    """Each reason with what it means, and its first places."""
    from sessionkit.page.facts import conservation, fault, place
    from sessionkit.page.numbers import plural, printable
    from sessionkit.page.reading import file_counts

    yield file_counts(read)
    yield conservation(read)
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


def _verdict(read: Facts, fail_on: str) -> int:
    """Whether a finding is grave enough, said on standard error when it is."""
    if fail_on == _NEVER:
        return DONE
    grave = GRAVITY[GRAVITY.index(fail_on) :]
    counted = sum(row["finding_count"] for row in read.findings if row["severity"] in grave)
    if counted:
        say(f"{counted:,} finding{'s' * (counted > 1)} at {' or '.join(grave)}.")
    return FAULTS if counted else DONE
