"""What is told while reading goes on, and a bar for whoever watches.

Who watches is asked for in one place, `telling`: nobody, a function of the caller's, a notebook, or
a terminal. A pipe is nobody: nothing is ever written to it.

Layer: above `errors`; rich and IPython are imported only to draw a bar.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from sessionkit.errors import UsageError, shown

EVERY = 0.1
"""Seconds that lie at least between two drawings of a bar in a notebook."""

_WIDEST, _NARROWEST = 24, 6
"""Characters of a bar on a terminal."""

_BAR = (
    '<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}"'
    ' style="display:inline-block;vertical-align:middle;width:16em;max-width:40%;height:.5em;'
    'margin-right:.75em;border-radius:.25em;background:rgba(128,128,128,.25);overflow:hidden">'
    '<div style="width:{percent}%;height:100%;border-radius:.25em;background:#2a78d6"></div></div>'
)
_LINE = '<div style="font-variant-numeric:tabular-nums;line-height:1.6">{inner}</div>'


class ReadSoFar(NamedTuple):
    """What was read so far: bytes as stored, of those known beforehand, records and rejects."""

    bytes: int
    bytes_known: int | None
    records: int
    rejects: int


Tell: TypeAlias = Callable[[ReadSoFar], None]
"""What reading calls now and then."""

Progress: TypeAlias = bool | Tell | None
"""What a caller may say: True for a bar, a function of its own, or nothing."""


@contextmanager
def telling(progress: Progress) -> Iterator[Tell | None]:
    """Decide whom reading tells how far it came, and clean up behind the bar.

    Args:
        progress: True for a bar: in a notebook one of its own, else on standard error if that is
            a terminal, else none. A function is called with every `ReadSoFar`. None or False for
            nothing.

    Yields:
        What to call with what was read so far; None when nobody is told.

    Raises:
        UsageError: It is none of these.

    Example:
        >>> with telling(print) as tell:
        ...     tell(ReadSoFar(bytes=10, bytes_known=20, records=1, rejects=0))
        ReadSoFar(bytes=10, bytes_known=20, records=1, rejects=0)
    """
    if progress is None or isinstance(progress, bool):
        if progress and _in_notebook():
            with _notebook_bar() as tell:
                yield tell
        elif progress and sys.stderr is not None and sys.stderr.isatty():
            with _terminal_bar() as tell:
                yield tell
        else:
            yield None
    elif callable(progress):
        yield progress
    else:
        raise UsageError(f"progress: expected True, False or a function, got {shown(progress)}")


def told(so_far: ReadSoFar, seconds: float) -> str:
    """What was read so far, and how fast, in words.

    Example:
        >>> told(ReadSoFar(12_500_000, 290_900_000, 14_020, 1), seconds=0.5)
        '12.5 MB of 290.9 MB · 14,020 records · 1 reject · 25.0 MB/s'
    """
    known = so_far.bytes_known
    parts = [
        _size(so_far.bytes) + (f" of {_size(known)}" if known else ""),
        _counted(so_far.records, "record"),
        _counted(so_far.rejects, "reject"),
    ]
    return " · ".join(parts + ([f"{_size(so_far.bytes / seconds)}/s"] if seconds else []))


def _size(number: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 999.95:
            return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} TB"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)


class _Heard:
    """Keeps what it was told last, and has it drawn no more often than a person can see."""

    def __init__(self, draw: Callable[[], None] = lambda: None) -> None:
        self._draw = draw
        self._began = self._drawn = monotonic()
        self.last: ReadSoFar | None = None
        self.seconds = 0.0
        """How long it had taken by then."""

    def __call__(self, so_far: ReadSoFar) -> None:
        self.last, now = so_far, monotonic()
        self.seconds = now - self._began
        if now - self._drawn >= EVERY:
            self._drawn = now
            self._draw()


@contextmanager
def _terminal_bar() -> Iterator[Tell]:
    """A bar on standard error that is gone afterwards; it turns while nothing is told."""
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    console, heard = Console(stderr=True), _Heard()
    spinner = Spinner("line" if console.options.ascii_only else "dots")

    def line() -> Spinner:
        if heard.last is not None:
            said = told(heard.last, heard.seconds)
            done, left = _bar(heard.last, min(console.width - len(said) - 10, _WIDEST))
            spinner.update(text=Text.assemble((done, "blue"), (left, "bright_black"), said))
        return spinner

    both = sys.stdout is not None and sys.stdout.isatty()
    with Live(get_renderable=line, console=console, transient=True, redirect_stdout=both):
        yield heard


def _bar(so_far: ReadSoFar, width: int) -> tuple[str, str]:
    """The two parts of a bar of characters; no bar where there is no room, or no known end."""
    if not so_far.bytes_known or width < _NARROWEST:
        return "", ""
    share = min(so_far.bytes / so_far.bytes_known, 1.0)
    done = int(width * share)
    return "━" * done, f"{'━' * (width - done)} {share:4.0%} "


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; imports nothing to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


@contextmanager
def _notebook_bar() -> Iterator[Tell]:
    """A bar under the cell that is drawn over in place; one line about the whole stays."""
    display = import_module("IPython.display").display
    handles: list[Any] = []

    def show(ended: str = "") -> None:
        if heard.last is None:
            return
        line = _Line(heard.last, heard.seconds, ended)
        if handles:
            handles[0].update(line)
        else:
            handles.append(display(line, display_id=True))

    heard = _Heard(show)
    ended = "Stopped after "
    try:
        yield heard
        ended = "Read "
    finally:
        show(ended)


@dataclass
class _Line:
    """One drawing in a notebook: of a bar on its way, or of how it ended."""

    so_far: ReadSoFar
    seconds: float
    ended: str = ""

    def __repr__(self) -> str:
        if not self.ended:
            return told(self.so_far, self.seconds)
        so_far = self.so_far
        if so_far.bytes == so_far.bytes_known:
            so_far = so_far._replace(bytes_known=None)
        return f"{self.ended}{told(so_far, self.seconds)} · {self.seconds:,.1f} s"

    def _repr_html_(self) -> str:
        known, bar = self.so_far.bytes_known, ""
        if known and not self.ended:
            bar = _BAR.format(percent=min(self.so_far.bytes * 100 // known, 100))
        return _LINE.format(inner=f"{bar}{self!r}")
