"""The commands that make files: the page, the folder of tables, and made-up dumps.

Layer: inside `cli`, above `opening`; imports `page`, `folder` and `generate` from below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sessionkit.cli.engines import ENGINE, engine
from sessionkit.cli.opening import (
    flatten_dumps,
    is_flattened,
    is_stored,
    opened,
    read_facts,
    reading_options,
    say_settings,
)
from sessionkit.cli.options import ASSUMING, READING, SOURCES, assumptions
from sessionkit.cli.output import must_have_folder
from sessionkit.cli.saying import say, tell

REPORT_HELP = """Read dumps, show a summary, and write one page with everything: the main job.

The page is one HTML file that needs nothing else: key figures against the month before, states and
funnel, discounts by label and over time, baskets, items, customers, codes, campaigns, and how
good the data are. --json writes every figure of it with all its digits.

\b
Examples:
  sessionkit report exports/
  sessionkit report exports/ -o report.html --currency EUR
  sessionkit report out/ -o report.html --json report.json --tz Europe/Berlin
"""


@click.command(help=REPORT_HELP, short_help="Dumps in, one page out: the main job.")
@SOURCES
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="Where the page goes.",
)
@click.option(
    "--json", metavar="FILE", help="Where every figure goes too, exactly and for programs."
)
@click.option("--title", metavar="TEXT", help="The heading of the page.")
@ASSUMING
@READING
def report(**values: Any) -> int:
    """Read dumps, show a summary, and write one page with everything: the main job."""
    from sessionkit.cli.summary import summary
    from sessionkit.page import report as write_page

    must_have_folder(values["output"])
    must_have_folder(values["json"])
    found = opened(values["sources"], values)
    if not values["quiet"]:
        tell(summary(found.facts))
    own = {"json": values["json"], "title": values["title"]}
    path = write_page(found.source, values["output"], **own, **assumptions(values))
    tell(f"written: {path}")
    if values["json"]:
        tell(f"written: {values['json']}")
    return found.status(values)


FLATTEN_HELP = """Read dumps and write a folder with one file per table, and a manifest.

The folder is a SOURCE for every other command, which then need not read the dumps again. With
--engine spark, Apache Spark does it with many machines, and writes several files per table.

\b
Examples:
  sessionkit flatten exports/ -o out/
  sessionkit flatten exports/ -o out-csv/ --format csv
"""


@click.command(help=FLATTEN_HELP, short_help="Write a folder with one file per table.")
@SOURCES
@click.option(
    "-o", "--output", metavar="DIR", required=True, help="The folder that the tables go to."
)
@click.option(
    "--format",
    "format",
    type=click.Choice(["parquet", "csv", "arrow"]),
    default="parquet",
    show_default=True,
    help="How tables are written; questions read Parquet.",
)
@ENGINE
@READING
def flatten(**values: Any) -> int:
    """Read dumps and write a folder with one file per table, and a manifest."""
    from sessionkit.cli.summary import summary
    from sessionkit.errors import UsageError
    from sessionkit.folder import rewrite
    from sessionkit.remote import is_url

    for given in values["sources"]:
        if is_flattened(given):
            raise UsageError(f"{given}: flatten wrote this folder; it takes dumps.")
        if is_stored(given):
            raise UsageError(f"{given}: a store; `sessionkit export` writes its tables.")
    if is_url(values["output"]):
        raise UsageError("-o names a folder; sessionkit.spark.flatten writes to URLs, too.")
    output = Path(values["output"])
    if values["format"] == "parquet":
        say_settings(values)
        found = read_facts(_flattened(output, values))
    elif values["engine"] == "spark":
        raise UsageError("Spark writes Parquet: --engine spark goes with --format parquet.")
    else:
        found = opened(values["sources"], values)
        rewrite(str(found.source), output, values["format"])
    if not values["quiet"]:
        say(summary(found.facts))
        say(f"written: {output}")
    return found.status(values)


def _flattened(output: Path, values: dict[str, Any]) -> Path:
    """Flatten with the engine that is asked for."""
    with engine(values) as spark:
        if spark is None:
            return flatten_dumps(values["sources"], output, values)
        from sessionkit.spark import flatten as flatten_on_spark

        own = reading_options(values)
        return Path(flatten_on_spark(spark, values["sources"], output, **own))
