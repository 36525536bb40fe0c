"""The commands about a store: what changed in it, its rejects, one session's life, its tables.

Layer: inside `cli`, above `asking` and `checking`; imports `store` from below when it runs.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.asking import answer
from sessionkit.cli.checking import reject_lines
from sessionkit.cli.loading import PRIVACY, privacy
from sessionkit.cli.opening import Opened, is_stored, open_store
from sessionkit.cli.options import PRINTING, READING, SOURCES, WAITING, several
from sessionkit.cli.output import chosen_format, write
from sessionkit.cli.shell import DONE, say
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.result import Result
    from sessionkit.store import Store

STORE = click.argument("store", metavar="STORE")


def _opened(values: dict[str, Any]) -> Store:
    path = values["store"]
    if Path(path).is_file() and not is_stored(path):
        raise UsageError(f"{path}: no store; `sessionkit load` makes one.")
    return open_store(path, values["wait"])


DRIFT_HELP = """What changed in the latest load: new keys, states, labels, coupons; gaps.

\b
Examples:
  sessionkit drift sessions.duckdb
  sessionkit drift sessions.duckdb --since-load 1 --format json
"""


@click.command(help=DRIFT_HELP, short_help="What changed in the latest load.")
@STORE
@click.option(
    "--since-load",
    metavar="N",
    type=click.IntRange(min=1),
    help="Compare all loads after N with those up to it.",
)
@click.option("--codes", is_flag=True, help="Name some of the new coupon codes.")
@PRINTING
@WAITING
def drift(**values: Any) -> int:
    """What changed in the latest load."""
    from sessionkit.page.numbers import printable
    from sessionkit.store.drift import drift_lines

    format = chosen_format(values["format"], values["output"])
    found = _opened(values).drift(values["since_load"])
    for note in () if values["quiet"] else found.notes:
        say(f"note: {note}")
    if format != "table" or values["output"]:
        write(found, format, values["output"])
        return DONE
    lines = drift_lines(found, codes=values["codes"]) or ["nothing has changed"]
    for line in lines:
        click.echo(printable(line))
    return DONE


REJECTS_HELP = """The records of a store that could not be taken in, and that nobody has mended.

They are listed by reason, without their bytes, which may be personal. With --write, the bytes go
into DIR, one file per dialect: mend them, and load DIR into the same store.

\b
Examples:
  sessionkit rejects sessions.duckdb
  sessionkit rejects sessions.duckdb --write mend/
  sessionkit rejects sessions.duckdb --trail
"""


@click.command(help=REJECTS_HELP, short_help="Rejects that wait to be mended.")
@STORE
@click.option("--write", "folder", metavar="DIR", help="Write their bytes into an empty folder.")
@click.option(
    "--trail", is_flag=True, help="Every record that was ever rejected, and what became of it."
)
@PRINTING
@WAITING
def rejects(**values: Any) -> int:
    """Rejects that wait to be mended."""
    format = chosen_format(values["format"], values["output"])
    store = _opened(values)
    if values["folder"] is not None:
        _write_rejects(store, values)
    elif values["trail"] or format != "table" or values["output"]:
        write(store.reject_trail(), format, values["output"])
    else:
        _list_rejects(store)
    return DONE


def _list_rejects(store: Store) -> None:
    from sessionkit.page.facts import facts_of
    from sessionkit.page.numbers import plural

    read = facts_of(store)
    counts = store.reject_trail().table["status"].to_pylist()
    mended = counts.count("resolved")
    click.echo(f"{plural(read.open_rejects, 'reject')} open, {mended:,} mended")
    for line in reject_lines(read):
        click.echo(line)


def _write_rejects(store: Store, values: dict[str, Any]) -> None:
    from sessionkit.page.numbers import plural, printable

    written = store.write_rejects(values["folder"])
    for note in written.notes:
        say(f"note: {note}")
    if not written.files:
        click.echo("no reject is open")
        return
    for name, count in written.files.items():
        click.echo(printable(f"{written.folder / name}: {plural(count, 'record')}"))
    click.echo("mend them where they are, then:")
    for names, options in written.loads:
        alone = len(written.loads) == 1
        files = [str(written.folder)] if alone else [str(written.folder / name) for name in names]
        given = shlex.join([*files, "--store", values["store"]])
        click.echo(printable(f"  sessionkit load {given} {options}".rstrip()))


HISTORY_HELP = """The life of one session: its versions, times, and what rules did to it.

\b
Examples:
  sessionkit history sessions.duckdb --application 270 --session S-1
  sessionkit history exports/ --application 270 --session S-1 --format json
"""


@click.command(help=HISTORY_HELP, short_help="The life of one session.")
@SOURCES
@click.option("--application", metavar="ID", type=int, required=True, help="Its application.")
@click.option("--session", metavar="ID", required=True, help="Its integration id.")
@PRINTING
@READING
def history(**values: Any) -> int:
    """The life of one session."""
    return answer(_life, values)


def _life(found: Opened, values: dict[str, Any]) -> Result:
    from sessionkit.store.history import session_history

    return session_history(found.source, values["application"], values["session"])


EXPORT_HELP = """Write the tables of a store into a folder, as files that other tools read.

Parts are laid out as Hive does, so that Spark, Trino, DuckDB or Polars read only those they need.

\b
Examples:
  sessionkit export sessions.duckdb -o tables/
  sessionkit export sessions.duckdb -o by-month/ --partition-by month
"""


@click.command(help=EXPORT_HELP, short_help="Write the tables of a store into a folder.")
@STORE
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
@click.option(
    "--partition-by",
    metavar="DIMENSION,...",
    multiple=True,
    help="One folder per value: month, application_id, state and others. Repeatable.",
)
@PRIVACY
@WAITING
def export(**values: Any) -> int:
    """Write the tables of a store into a folder."""
    store = _opened(values)
    parts = several(values["partition_by"])
    output, format = values["output"], values["format"]
    exported = store.export(output, format=format, partition_by=parts, **privacy(values))
    if exported.defused_cells:
        cells = "1 cell" if exported.defused_cells == 1 else f"{exported.defused_cells:,} cells"
        say(f"note: {cells} begin with an apostrophe now; a spreadsheet would run them.")
    if not values["quiet"]:
        say(f"written: {values['output']}")
    return DONE


STORING = (history, drift, rejects, export)
"""The commands about a store, in the order of `--help`."""
