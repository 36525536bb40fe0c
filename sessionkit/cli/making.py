"""The command that makes dumps up.

Layer: inside `cli`, above `shell`; imports `generate` from below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from sessionkit.cli.options import Named, several
from sessionkit.cli.shell import DONE, say


def _dialects() -> Iterable[str]:
    from sessionkit.generate import DIALECTS

    return DIALECTS


GENERATE_HELP = """Make dumps up in every dialect, with the right answers beside them.

DIR/dumps holds the files, DIR/answers.json what the commands must say of them. With a CSV export
among them, DIR/campaign_analytics holds what Talon.One would say, for reconcile.

\b
Examples:
  sessionkit generate -o made-up --sessions 200 --seed 1
  sessionkit generate -o made-up-bad --sessions 200 --seed 1 --dialect csv_export --defects
"""


@click.command(help=GENERATE_HELP, short_help="Make dumps up, with the right answers.")
@click.option(
    "-o", "--output", metavar="DIR", required=True, help="Where dumps/ and answers.json go."
)
@click.option(
    "--sessions",
    metavar="N",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many sessions.",
)
@click.option(
    "--seed",
    metavar="S",
    type=int,
    default=0,
    show_default=True,
    help="The same seed gives the same bytes.",
)
@click.option(
    "--dialect",
    "dialects",
    cls=Named,
    names=_dialects,
    metavar="NAME,...",
    multiple=True,
    help="Only these dialects, repeatable:",
)
@click.option("--defects", is_flag=True, help="Plant bad records of every kind.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when all is well.")
def generate(**values: Any) -> int:
    """Make dumps up in every dialect, with the right answers beside them."""
    from sessionkit.generate import generate as make

    path = make(
        values["output"],
        sessions=values["sessions"],
        seed=values["seed"],
        dialects=several(values["dialects"]) or None,
        defects=values["defects"],
    )
    if not values["quiet"]:
        say(f"written: {path / 'dumps'} and {path / 'answers.json'}")
    return DONE
