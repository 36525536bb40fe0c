"""The commands that answer: one for each question, and `sql` for any other.

Layer: inside `cli`, above `opening` and `output`; imports `questions` and `database` from below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.opening import Opened, opened
from sessionkit.cli.options import (
    ASKING,
    PRINTING,
    READING,
    SOURCES,
    Decorated,
    options,
    question_arguments,
)
from sessionkit.cli.output import chosen_format, write
from sessionkit.cli.shell import say

if TYPE_CHECKING:
    from sessionkit.result import Result

Ask = Callable[[Opened, dict[str, Any]], "Result"]


def _question(name: str, short: str, help: str, *own: Decorated) -> click.Command:
    """A command that asks one question: its name with dashes, its own options first."""

    def command(**values: Any) -> int:
        arguments = question_arguments(values) | {
            option: values[option] for option in ("timeout", "window") if option in values
        }

        def ask(found: Opened, _: dict[str, Any]) -> Result:
            from sessionkit import questions

            question: Callable[..., Result] = getattr(questions, name)
            return question(found.source, **arguments)

        return answer(ask, values)

    decorated = options(SOURCES, *own, ASKING, PRINTING, READING)(command)
    dashed = name.replace("_", "-")
    made: click.Command = click.command(dashed, help=help, short_help=short)(decorated)
    return made


def answer(ask: Ask, values: dict[str, Any]) -> int:
    """Read, ask, write; what is for people goes to standard error."""
    format = chosen_format(values["format"], values["output"])
    found = opened(values["sources"], values)
    if not (values["quiet"] or found.is_folder):
        from sessionkit.cli.summary import summary

        say(summary(found.facts))
    result = ask(found, values)
    if not values["quiet"]:
        for note in result.notes:
            say(f"note: {note}")
    write(result, format, values["output"])
    if values["output"] and not values["quiet"]:
        say(f"written: {values['output']}")
    return found.status(values)


TOTALS = _question(
    "totals",
    "What sessions were worth.",
    """What sessions were worth: counts, gross and net money, discounts, averages.

    Completed sessions (closed or partially returned) unless --population says otherwise.

    \b
    Examples:
      sessionkit totals exports/
      sessionkit totals exports/ --by month --currency EUR
      sessionkit totals exports/ --population all --format json
    """,
)
STATES = _question(
    "states",
    "How many sessions are in each state.",
    """How many sessions are in each state, and what they are worth.

    All four states have a row, also without a session in it.

    \b
    Examples:
      sessionkit states exports/
      sessionkit states exports/ --by month --where application_id=270
    """,
)
OUTCOMES = _question(
    "outcomes",
    "Where sessions ended up.",
    """Where sessions ended up: kept, returned, revoked, cancelled, in progress.

    \b
    Examples:
      sessionkit outcomes exports/
      sessionkit outcomes exports/ --timeout 30d --by customer_type
    """,
    click.option(
        "--timeout", metavar="TIME", help="Open sessions untouched for so long are idle, as 30d."
    ),
)
FUNNEL = _question(
    "funnel",
    "How far sessions came.",
    """How far sessions came: created, closed, kept.

    \b
    Examples:
      sessionkit funnel exports/
      sessionkit funnel exports/ --window 7d --by month
    """,
    click.option(
        "--window", metavar="TIME", help="Count who reached a step within so long, as 7d."
    ),
)
DISCOUNT_SUMMARY = _question(
    "discount_summary",
    "What discounts cost, by label.",
    """What discounts cost, by label.

    \b
    Examples:
      sessionkit discount-summary exports/
      sessionkit discount-summary exports/ --by base_label --format csv -o discounts.csv
    """,
)
QUESTIONS = (TOTALS, STATES, OUTCOMES, FUNNEL, DISCOUNT_SUMMARY)
"""The commands that ask a question, in the order of `--help`."""


SQL_HELP = """Ask anything of the tables in DuckDB's SQL; it can only read.

\b
Examples:
  sessionkit sql exports/ "select state, count(*) from sessions group by state"
  sessionkit sql out/ "select sku, sum(quantity) from cart_items group by sku" --format csv
"""


@click.command(help=SQL_HELP, short_help="Ask anything of the tables in SQL.")
@SOURCES
@click.argument("query")
@PRINTING
@READING
def sql(**values: Any) -> int:
    """Ask anything of the tables in DuckDB's SQL; it can only read."""
    return answer(_select, values)


def _select(found: Opened, values: dict[str, Any]) -> Result:
    from sessionkit.database import open_source
    from sessionkit.result import free_query

    with open_source(found.source) as connection:
        return free_query(connection, values["query"])
