"""The command that holds our figures against Talon.One's.

Layer: inside `cli`, above `asking`; imports `questions` from below when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.asking import COLUMNS, answer
from sessionkit.cli.engines import ENGINE
from sessionkit.cli.opening import Opened
from sessionkit.cli.options import MONEY, PRINTING, READING, SOURCES, WHERE, conditions, money

if TYPE_CHECKING:
    from sessionkit.result import Result

RECONCILE_HELP = """Our figures beside those of Talon.One's campaign analytics export.

Row by row of the export: sessions, revenue, averages; with and without partially returned
sessions, revenue of totals and of items alone. Where they differ, what closes the gap is named. An
export is of one application: name it with --where.

\b
Examples:
  sessionkit reconcile exports/ --analytics campaign_analytics.csv
  sessionkit reconcile exports/ --analytics campaign_analytics.csv --where application_id=270
"""


@click.command(help=RECONCILE_HELP, short_help="Our figures beside Talon.One's.")
@SOURCES
@click.option(
    "--analytics",
    metavar="FILE",
    multiple=True,
    required=True,
    help="The campaign analytics export. Repeatable.",
)
@WHERE
@MONEY
@COLUMNS
@PRINTING
@ENGINE
@READING
def reconcile(**values: Any) -> int:
    """Our figures beside those of Talon.One's campaign analytics export."""
    return answer(_reconcile, values)


def _reconcile(found: Opened, values: dict[str, Any]) -> Result:
    from sessionkit.questions import reconcile as ask

    return ask(
        found.source, values["analytics"], where=conditions(values["where"]), **money(values)
    )
