"""What commands say to people: messages on standard error, summaries on standard output.

Colours are only for a terminal, and for none where NO_COLOR is set. With `--log-format timed` each
line begins with the time in UTC and how grave it is, as a batch job's log wants it.

Layer: bottom of `cli`; imports `page.numbers` when there is something to take out.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import click

TIMED: ContextVar[bool] = ContextVar("timed", default=False)
"""Whether each line begins with the time."""

_LEVELS = {"Error": ("ERROR", "red"), "note": ("WARNING", "yellow"), "drift": ("WARNING", "yellow")}
"""How grave a message is, and its colour, by what it begins with."""

_MOST_LINES = 3


def say(message: str) -> None:
    """Write a message for a person on standard error.

    It is without control characters from the data. What it begins with, such as `note:`, says how
    grave it is.
    """
    _write(message, sys.stderr, err=True)


def tell(message: str) -> None:
    """Write a line of a summary on standard output."""
    _write(message, sys.stdout, err=False)


def say_fault(message: str, hint: str = "") -> None:
    """Say why a command could not do its work, in three lines at most.

    Args:
        message: What is wrong; on a terminal what does not fit is cut.
        hint: What to do next, on a line of its own.
    """
    words = " ".join(f"Error: {message}".splitlines())
    if sys.stderr.isatty():
        lines = _MOST_LINES - bool(hint)
        room = lines * shutil.get_terminal_size().columns
        words = words if len(words) <= room else words[: room - 1] + "…"
    say(words)
    if hint:
        say(hint)


def has_colours(stream: Any) -> bool:
    """Whether what is written to a stream may be coloured."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and stream is not None and stream.isatty()


def _write(message: str, stream: Any, *, err: bool) -> None:
    for line in message.splitlines():
        begins, colon, rest = _printable(line).partition(":")
        level, colour = _LEVELS.get(begins, ("INFO", None)) if colon else ("INFO", None)
        if colour and has_colours(stream):
            begins = click.style(begins, fg=colour, bold=True)
        stamp = f"{_now()} {level} " if TIMED.get() else ""
        click.echo(f"{stamp}{begins}{colon}{rest}", err=err)


def _printable(line: str) -> str:
    """A line without characters that command a terminal; most have none."""
    if line.isprintable():
        return line
    from sessionkit.page.numbers import printable

    return printable(line)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
