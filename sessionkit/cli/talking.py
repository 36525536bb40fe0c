"""The options that every command has: where settings are, and how much is said.

Layer: inside `cli`, above `shell`; imports `config` from below when a command runs.
"""

from __future__ import annotations

import click

from sessionkit.cli.saying import TIMED
from sessionkit.cli.shell import VERBOSE

_NO_CONFIG = "sessionkit.no_config"


def _config(ctx: click.Context, _: click.Parameter, file: str | None) -> None:
    """Let settings hold until the command ends."""
    if ctx.resilient_parsing:
        return
    from sessionkit import config

    found = file or (None if ctx.meta.get(_NO_CONFIG) else config.looked_for())
    settings = config.Settings() if found is None else config.settings_of(found)
    ctx.with_resource(config.holding(settings))


def _no_config(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    ctx.meta[_NO_CONFIG] = wanted


def _timed(ctx: click.Context, _: click.Parameter, format: str) -> None:
    if not ctx.resilient_parsing:
        TIMED.set(format == "timed")


def _how_much(ctx: click.Context, option: click.Parameter, wanted: bool) -> bool:
    """Take --quiet or --verbose, in whatever order they come."""
    if wanted and (ctx.params.get("quiet") or ctx.params.get("verbose")):
        raise click.UsageError("give --quiet or --verbose, not both.", ctx)
    if wanted and option.name == "verbose":
        ctx.meta[VERBOSE] = True
    return wanted


TALKING = (
    click.option(
        "--config",
        metavar="FILE",
        expose_value=False,
        callback=_config,
        help="Settings; else SESSIONKIT_CONFIG, else sessionkit.toml where the command is run.",
    ),
    click.option(
        "--no-config",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_no_config,
        help="Look for no settings.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["plain", "timed"]),
        default="plain",
        show_default=True,
        envvar="SESSIONKIT_LOG_FORMAT",
        is_eager=True,
        expose_value=False,
        callback=_timed,
        help="timed: messages begin with the time in UTC and how grave they are.",
    ),
    click.option(
        "-q",
        "--quiet",
        is_flag=True,
        callback=_how_much,
        help="No summary, no notes, no progress.",
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        callback=_how_much,
        help="Also each file, the SQL that ran, and how long it took.",
    ),
)
"""The options, in the order of `--help`."""
