"""The command that loads dumps into a store, and what it says of it.

Layer: inside `cli`, above `opening` and `summary`; imports `store` from below when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.opening import (
    is_flattened,
    is_stored,
    reading_options,
    say_settings,
    status_of_reading,
)
from sessionkit.cli.options import READING, SOURCES, options, several
from sessionkit.cli.saying import say, tell
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.store import Loaded, Store

_FEW = 10
"""So many files have a line each; and so many changes."""

_MOST_UNREADABLE = 5
_FATES = ("new", "changed", "repeated", "older", "rejected")
_STATUSES = {
    "read": "read",
    "known": "loaded before",
    "copy": "the same as another",
    "skipped": "skipped",
    "unreadable": "unreadable",
}

PRIVACY = options(
    click.option(
        "--pseudonymise",
        metavar="KEYFILE",
        help="Put hashes, under the key in this file, for what tells a customer.",
    ),
    click.option(
        "--pseudonymise-attribute",
        "attributes",
        metavar="NAME,...",
        multiple=True,
        help="An attribute that tells a customer too. Repeatable.",
    ),
)

LOAD_HELP = """Add dumps to a store, one file that keeps the history; it is made if it is not there.

All of it is loaded, or nothing. Bytes that were loaded before are not read again; order and
overlap of the dumps do not matter. The store is a SOURCE for every other command.

\b
Examples:
  sessionkit load exports/ --store sessions.duckdb
  sessionkit load exports/ --store sessions.duckdb --wait 60 --quiet
"""


@click.command(help=LOAD_HELP, short_help="Add dumps to a store.")
@SOURCES
@click.option("--store", metavar="FILE.duckdb", required=True, help="The store.")
@PRIVACY
@READING
def load(**values: Any) -> int:
    """Add dumps to a store."""
    from sessionkit.store import Store

    _refuse_no_dumps(values)
    say_settings(values)
    with Store(values["store"], wait=values["wait"]) as store:
        loaded = store.load(
            *values["sources"],
            **reading_options(values),
            **privacy(values),
            progress=not values["quiet"],
        )
        if not values["quiet"]:
            for line in _summary(loaded, store, values["store"]):
                tell(line)
            _warn(loaded, store)
        for note in loaded.notes:
            say(f"note: {note}")
    unreadable = loaded.files["status"].to_pylist().count("unreadable")
    return status_of_reading(loaded.rejected, unreadable, values["allow_rejects"])


def _refuse_no_dumps(values: Mapping[str, Any]) -> None:
    """Refuse what is no dump before a store is made for it."""
    from sessionkit.sources import find

    for given in values["sources"]:
        if is_flattened(given):
            raise UsageError(f"{given}: flatten wrote this folder; load takes dumps.")
        if is_stored(given):
            raise UsageError(f"{given}: a store; load takes dumps.")
    if not Path(values["store"]).exists():
        find(values["sources"])


def privacy(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `PRIVACY` gave."""
    if not values["pseudonymise"]:
        if values["attributes"]:
            raise UsageError("--pseudonymise-attribute needs a key: --pseudonymise KEYFILE.")
        return {}
    return {
        "pseudonymise": Path(values["pseudonymise"]).read_bytes().strip(),
        "pseudonymise_attributes": several(values["attributes"]),
    }


def _summary(loaded: Loaded, store: Store, name: str) -> Iterator[str]:
    """What a person has to know, in five seconds."""
    from sessionkit.page.numbers import plural, printable

    files = loaded.files.to_pylist()
    yield _statuses(files)
    unreadable = [row for row in files if row["status"] == "unreadable"]
    for row in unreadable[:_MOST_UNREADABLE]:
        yield printable(f"  {row['source_file']}: {row['message']}")
    if len(unreadable) > _MOST_UNREADABLE:
        yield f"  … and {len(unreadable) - _MOST_UNREADABLE:,} more"
    read = [row for row in files if row["status"] == "read"]
    if 1 < len(read) <= _FEW:
        yield from map(printable, _by_file(read))
    if loaded.load is None:
        yield f"{name}: nothing is new, it is as it was"
        return
    total = {fate: getattr(loaded, fate) for fate in ("records", *_FATES)}
    yield _fates(total)
    yield from _reasons(loaded, store)
    if loaded.resolved:
        yield f"{plural(loaded.resolved, 'reject')} of before resolved"
    yield printable(_state(loaded, store, name))


def _statuses(files: list[dict[str, Any]]) -> str:
    from sessionkit.page.numbers import plural

    met = [row["status"] for row in files]
    counts = {words: met.count(status) for status, words in _STATUSES.items()}
    parts = [f"{plural(counts.pop('read'), 'file')} read"]
    return ", ".join(parts + [f"{count:,} {words}" for words, count in counts.items() if count])


def _fates(row: Mapping[str, Any]) -> str:
    """The law that nothing is lost, for a file or for all."""
    from sessionkit.page.numbers import plural

    effects = row["records"] - sum(row[fate] for fate in _FATES)
    parts = [f"{row[fate]:,} {fate}" for fate in _FATES]
    parts[-1:-1] = [plural(effects, "effect")] if effects else []
    return f"{plural(row['records'], 'record')} = {' + '.join(parts)}"


def _by_file(rows: list[dict[str, Any]]) -> Iterator[str]:
    wide = max(len(row["source_file"]) for row in rows)
    for row in rows:
        yield f"  {row['source_file']:<{wide}}  {_fates(row)}"


def _reasons(loaded: Loaded, store: Store) -> Iterator[str]:
    from sessionkit.cli.summary import reasons
    from sessionkit.database import run
    from sessionkit.page.numbers import printable
    from sessionkit.sql import text_of

    if not loaded.rejected:
        return
    with store.connection().cursor() as own:
        these = f"from kept.rejects where load = {loaded.load}"
        own.execute(f"create temp view rejects as {these}")
        yield from map(printable, reasons(run(own, text_of("reading/rejects")).to_pylist()))
        ((fresh,),) = own.sql("select count(*) from rejects").fetchall()
    if fresh < loaded.rejected:
        yield f"  {loaded.rejected - fresh:,} of them were open before, and say nothing new"


def _state(loaded: Loaded, store: Store, name: str) -> str:
    from sessionkit.page.numbers import plural

    counts = "select (select count(*) from sessions), (select count(*) from rejects)"
    ((sessions, rejects),) = store.connection().sql(counts).fetchall()
    held = f"{plural(sessions, 'session')}, {plural(rejects, 'reject')} open"
    return f"{name}: load {loaded.load:,}; it has {held}"


def _warn(loaded: Loaded, store: Store) -> None:
    """Say what is not as it was in the loads before."""
    from sessionkit.page.numbers import printable
    from sessionkit.store.drift import drift_lines

    if loaded.load is None or loaded.load == 1:
        return
    lines = drift_lines(store.drift())
    for line in lines[:_FEW]:
        say(f"drift: {printable(line)}")
    if len(lines) > _FEW:
        say(f"drift: … and {len(lines) - _FEW:,} more: see `sessionkit drift`")
