"""The options that say where a command runs: in this process, or on Apache Spark.

Layer: inside `cli`, above `options`. Light: `--help` pays for what it imports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.options import options
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINE = options(
    click.option(
        "--engine",
        type=click.Choice(["embedded", "spark"]),
        default="embedded",
        show_default=True,
        help="What does the work: this process, or Apache Spark.",
    ),
    click.option(
        "--master",
        metavar="URL",
        help="Where Spark runs: local[4], spark://host:7077; else as its own settings say.",
    ),
)

_QUIET = {"spark__log__level": "ERROR", "spark__ui__showConsoleProgress": "false"}


@contextmanager
def engine(values: Mapping[str, Any]) -> Iterator[SparkSession | None]:
    """The Spark that `ENGINE` asks for, stopped afterwards; None where this process does the work.

    Raises:
        EngineError: There is no Spark, no Java, or it does not start.
        UsageError: A master, but no Spark.
    """
    if values["engine"] != "spark":
        if values["master"]:
            raise UsageError("--master says where Spark runs: it needs --engine spark.")
        yield None
        return
    from sessionkit.spark.starting import spark_session

    session = spark_session(values["master"], **_QUIET)
    try:
        yield session
    finally:
        session.stop()
