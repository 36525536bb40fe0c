"""The commands that answer: one for each question, and `sql` for any other.

Layer: inside `cli`, above `asking`; imports `database` from below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.asking import answer, question_command
from sessionkit.cli.customers import QUESTIONS as CUSTOMERS
from sessionkit.cli.discounts import QUESTIONS as DISCOUNTS
from sessionkit.cli.opening import Opened
from sessionkit.cli.options import PRINTING, READING, SOURCES

if TYPE_CHECKING:
    from sessionkit.result import Result

TOTALS = question_command(
    "totals",
    "What sessions were worth.",
    """What sessions were worth: counts, gross and net money, discounts, averages.

    Completed sessions (closed or partially returned) unless --population says otherwise.

    \b
    Examples:
      sessionkit totals exports/
      sessionkit totals exports/ --by month --currency EUR
      sessionkit totals exports/ --population all --format json
      sessionkit totals exports/ --since 2022-05-01 --compare previous
    """,
)
STATES = question_command(
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
OUTCOMES = question_command(
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
FUNNEL = question_command(
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
TRANSITIONS = question_command(
    "transitions",
    "Which state followed which, and whether it may.",
    """Which state followed which, how often and how soon, and whether it may.

    Seen in several dumps of the same sessions, in their times, and in the events of effects.

    \b
    Examples:
      sessionkit transitions exports/
      sessionkit transitions exports/ --by application_id --format json
    """,
)
TIME_TO_CLOSE = question_command(
    "time_to_close",
    "How long sessions took to close.",
    """How long sessions took to close, and how many closed within an hour, days, a month.

    \b
    Examples:
      sessionkit time-to-close exports/
      sessionkit time-to-close exports/ --by month --where customer_type=new
    """,
)
QUESTIONS = (TOTALS, STATES, OUTCOMES, FUNNEL, TRANSITIONS, TIME_TO_CLOSE, *DISCOUNTS, *CUSTOMERS)
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
