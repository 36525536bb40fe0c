"""How a command asks a question: read, ask, write.

Layer: inside `cli`, above `opening` and `output`; imports `questions` from below when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.engines import ENGINE, engine
from sessionkit.cli.opening import Opened, is_flattened, is_stored, opened, say_settings
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
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.result import Result

Ask = Callable[[Opened, dict[str, Any]], "Result"]

COLUMNS = click.option(
    "--columns",
    metavar="NAME,...",
    multiple=True,
    help="Only these columns of the answer, in this order.",
)


def question_command(name: str, short: str, help: str, *own: Decorated) -> click.Command:
    """Make the command that asks one question.

    Args:
        name: The question's; the command has dashes in it.
        short: What it answers, for the list of commands.
        help: What it answers, with examples.
        own: Options of its own, called as the arguments of the question's function.

    Returns:
        The command.
    """
    named = _names(own)

    def command(**values: Any) -> int:
        arguments = question_arguments(values) | {option: values[option] for option in named}

        def ask(found: Opened, _: dict[str, Any]) -> Result:
            from sessionkit import questions

            question: Callable[..., Result] = getattr(questions, name)
            return question(found.source, **arguments)

        return answer(ask, values)

    decorated = options(SOURCES, *own, ASKING, COLUMNS, PRINTING, ENGINE, READING)(command)
    dashed = name.replace("_", "-")
    made: click.Command = click.command(dashed, help=help, short_help=short)(decorated)
    return made


def _names(own: Sequence[Decorated]) -> list[str]:
    """What the values of options are called."""

    def bare() -> None:
        """Stand where a command will."""

    decorated = options(*own)(bare)
    return [one.name for one in getattr(decorated, "__click_params__", ())]


def _say_defused(result: Result) -> None:
    """Say how many texts of a CSV file are not quite as they were."""
    from sessionkit.formats import formula_count

    if count := formula_count(result.table):
        cells = "1 cell begins" if count == 1 else f"{count:,} cells begin"
        say(f"note: {cells} with an apostrophe now; a spreadsheet would run them.")


def _asked(ask: Ask, values: dict[str, Any]) -> tuple[Opened, Result]:
    """Read and ask, with the engine that is asked for."""
    if values.get("engine") == "spark":
        return _asked_through_spark(ask, values)
    if values.get("master"):
        raise UsageError("--master says where Spark runs: it needs --engine spark.")
    found = opened(values["sources"], values)
    if not (values["quiet"] or found.is_past):
        from sessionkit.cli.summary import summary

        say(summary(found.facts))
    return found, ask(found, values)


def _asked_through_spark(ask: Ask, values: dict[str, Any]) -> tuple[Opened, Result]:
    from sessionkit.spark.source import SparkFolder
    from sessionkit.spark.starting import quietly

    say_settings(values)
    for given in values["sources"]:
        if is_stored(given):
            raise UsageError(f"{given}: a store, which Spark cannot read: export it as Parquet.")
        if not ("://" in given or is_flattened(given)):
            raise UsageError(
                f"{given}: no folder that flatten wrote, and Spark is asked of such a one: run "
                "`sessionkit flatten --engine spark` first."
            )
    if len(values["sources"]) > 1:
        raise UsageError("Spark is asked of one folder: flatten all dumps into one.")
    with engine(values) as spark, quietly():
        source: Any = SparkFolder(spark, values["sources"][0])
        found = Opened(source, is_past=True)
        return found, ask(found, values)


def answer(ask: Ask, values: dict[str, Any]) -> int:
    """Read, ask, write; what is for people goes to standard error."""
    format = chosen_format(values["format"], values["output"])
    found, result = _asked(ask, values)
    if values.get("columns"):
        result = result.select(*values["columns"])
    if not values["quiet"]:
        for note in result.notes:
            say(f"note: {note}")
    if values["verbose"]:
        say(result.sql)
    write(result, format, values["output"])
    if format == "csv" and not values["quiet"]:
        _say_defused(result)
    if values["output"] and not values["quiet"]:
        say(f"written: {values['output']}")
    return found.status(values)
