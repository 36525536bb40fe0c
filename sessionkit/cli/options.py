"""The options that several commands share, and how what is typed becomes a Python argument.

Layer: inside `cli`, above `shell`. Light: `--help` pays for what it imports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from sessionkit.cli.talking import TALKING

Decorated = Callable[..., Any]

SOURCES = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)

FORMATS = ("table", "json", "csv", "parquet")


class Named(click.Option):
    """An option that takes names; which there are is looked up only when help is shown."""

    def __init__(self, *given: Any, names: Callable[[], Iterable[str]], **rest: Any) -> None:
        self.names = names
        super().__init__(*given, **rest)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, with the names there are."""
        found = super().get_help_record(ctx)
        return found and (found[0], f"{found[1]} {', '.join(self.names())}.")


def _dialects() -> Iterable[str]:
    from sessionkit.dialects import DIALECTS

    return DIALECTS


class Pair(click.ParamType[tuple[int, str]]):
    """`270=zero`: something said of one application."""

    name = "application=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Take an application and what is said of it apart."""
        if isinstance(value, tuple):
            return value
        application, equals, said = str(value).partition("=")
        if not (equals and said and application.strip().isdecimal()):
            self.fail(f"{value!r}: expected APPLICATION=VALUE, such as 270=EUR.", param, ctx)
        return int(application), said.strip()


class Condition(click.ParamType[tuple[str, list[str | None]]]):
    """`state=closed,cancelled`: a dimension and the values that count."""

    name = "dimension=values"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, list[str | None]]:
        """Take the dimension and its values apart; no value at all means null."""
        if isinstance(value, tuple):
            return value
        dimension, equals, values = str(value).partition("=")
        if not (equals and dimension.strip()):
            self.fail(f"{value!r}: expected DIMENSION=VALUE,..., such as state=closed.", param, ctx)
        return dimension.strip(), [one.strip() or None for one in values.split(",")]


def options(*several: Decorated) -> Callable[[Decorated], Decorated]:
    """Several options as one decorator, shown by `--help` in the order given."""

    def decorate(command: Decorated) -> Decorated:
        for one in reversed(several):
            command = one(command)
        return command

    return decorate


WAITING = options(
    click.option(
        "--wait",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=0,
        help="Wait so long for a store that another process has open.",
    ),
    *TALKING,
)

READING = options(
    click.option(
        "--dialect", cls=Named, names=_dialects, metavar="NAME", help="The dialect of all dumps:"
    ),
    click.option("--assume-tz", metavar="ZONE", help="The time zone of times that name none."),
    click.option("--date-format", metavar="FORMAT", help="How times are written, if not RFC 3339."),
    click.option(
        "--state-numbers",
        type=click.Choice(["three", "four"]),
        help="What integer states mean: three states (to C# SDK 4.0.1) or four (from 4.0.3).",
    ),
    click.option("--dumped-at", metavar="TIME", help="When undated dumps were taken."),
    click.option(
        "--allow-rejects",
        metavar="N",
        type=click.IntRange(min=0),
        default=0,
        help="End with status 0 although up to N records were rejected.",
    ),
    WAITING,
)

MONEY = options(
    click.option(
        "--currency",
        "currencies",
        metavar="[APPLICATION=]CODE",
        multiple=True,
        help="The currency of all applications, or of one: EUR, 270=EUR. Repeatable.",
    ),
    click.option(
        "--empty-discounts",
        type=Pair(),
        multiple=True,
        help="270=zero: an empty discount map of that application means no discount.",
    ),
    click.option(
        "--total-basis",
        type=Pair(),
        multiple=True,
        help="322=after_discounts: totals of that application are net of discounts.",
    ),
    click.option(
        "--effects-complete",
        metavar="all|SINCE..UNTIL",
        help="Exports of effects tell all effects of that time, so discounts too.",
    ),
)

ASSUMING = options(
    click.option(
        "--tz", metavar="ZONE", help="Days are cut in it; UTC, unless settings say otherwise."
    ),
    click.option(
        "--as-of", metavar="TIME", help="Now, for ages; else the latest time in the data."
    ),
    MONEY,
    click.option("--guests", metavar="REGEX", help="Profiles that match it are anonymous."),
)

WHERE = click.option(
    "--where",
    type=Condition(),
    multiple=True,
    help="state=closed,cancelled: only these. Repeatable; no value means null.",
)

ASKING = options(
    click.option(
        "--by", metavar="DIMENSION,...", multiple=True, help="One row per value. Repeatable."
    ),
    WHERE,
    click.option(
        "--population",
        metavar="NAME",
        help="completed, all, open, cancelled, or states with commas between.",
    ),
    click.option("--since", metavar="TIME", help="Only sessions from then on."),
    click.option("--until", metavar="TIME", help="Only sessions before then."),
    click.option(
        "--time-basis",
        type=click.Choice(["created", "closed", "cancelled", "updated"]),
        default="created",
        show_default=True,
        help="The time that periods, --since and --until go by.",
    ),
    ASSUMING,
    click.option(
        "--compare",
        metavar="PERIODS",
        help="previous, year, or two periods as 2026-01,2026-02: the figures before, too.",
    ),
    click.option(
        "--total-row", is_flag=True, help="Add a row of the distinct figures of all rows."
    ),
)

PRINTING = options(
    click.option(
        "--format",
        "format",
        type=click.Choice(FORMATS),
        help="How the answer is written; by default as the name of -o says, else a table.",
    ),
    click.option(
        "-o", "--output", metavar="FILE", help="Write the answer there, not to the terminal."
    ),
)


def several(values: Sequence[str]) -> list[str]:
    """Join what was repeated and what has commas between.

    Example:
        >>> several(["month,state", "store_id"])
        ['month', 'state', 'store_id']
    """
    return [one.strip() for value in values for one in value.split(",") if one.strip()]


def conditions(pairs: Sequence[tuple[str, list[str | None]]]) -> dict[str, list[str | None]] | None:
    """Gather conditions by dimension; values of one given twice are joined."""
    gathered: dict[str, list[str | None]] = {}
    for dimension, values in pairs:
        gathered.setdefault(dimension, []).extend(values)
    return gathered or None


def currencies(given: Sequence[str]) -> str | dict[int, str] | None:
    """One currency for all applications, or one for each; never both.

    Example:
        >>> currencies(["EUR"]), currencies(["270=EUR", "322=USD"]), currencies([])
        ('EUR', {270: 'EUR', 322: 'USD'}, None)
    """
    single = [one for one in given if "=" not in one]
    if not single:
        return dict(Pair().convert(one, None, None) for one in given) or None
    if len(given) > 1:
        raise click.BadParameter(
            "give one currency for all applications, or one per application as 270=EUR.",
            param_hint="--currency",
        )
    return single[0]


def compared(given: str | None) -> str | list[str] | None:
    """A word, or two periods with a comma between.

    Example:
        >>> compared("year"), compared("2026-01, 2026-02")
        ('year', ['2026-01', '2026-02'])
    """
    return given if given is None or "," not in given else several([given])


def money(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a question that `MONEY` gave, or settings."""
    return _filled(
        {
            "currencies": currencies(values["currencies"]),
            "empty_discounts": dict(values["empty_discounts"]) or None,
            "total_basis": dict(values["total_basis"]) or None,
            "effects_complete": values["effects_complete"],
        }
    )


def assumptions(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a question that `ASSUMING` gave, or settings."""
    given = _filled({"tz": values["tz"], "guests": values["guests"]})
    given["tz"] = given["tz"] or "UTC"
    return {**given, "as_of": values["as_of"], **money(values)}


def _filled(arguments: Mapping[str, Any]) -> dict[str, Any]:
    from sessionkit.config import current

    return current().filled(arguments)


def question_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a question that `ASKING` gave."""
    named = values["population"]
    population = None if named is None else several([named])
    return {
        "by": several(values["by"]) or None,
        "where": conditions(values["where"]),
        "population": population[0] if population and len(population) == 1 else population,
        "since": values["since"],
        "until": values["until"],
        "time_basis": values["time_basis"],
        "total_row": values["total_row"],
        "compare": compared(values["compare"]),
        **assumptions(values),
    }
