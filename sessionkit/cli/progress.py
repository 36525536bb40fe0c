"""Progress of reading, on a terminal: bytes, records, rejects; gone when reading is done.

Layer: inside `cli`; imports `intake` from below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sessionkit.intake import ReadSoFar
from sessionkit.page.numbers import plural


@contextmanager
def shown(console: Console) -> Iterator[Callable[[ReadSoFar], None]]:
    """Show a bar while reading.

    Yields:
        What to call with what was read so far.
    """
    parts = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*parts, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def update(so_far: ReadSoFar) -> None:
            bar.update(
                task, completed=so_far.bytes, total=so_far.bytes_known, description=told(so_far)
            )

        yield update


def told(so_far: ReadSoFar) -> str:
    """What was read so far, in words.

    Example:
        >>> told(ReadSoFar(2_500_000, None, 12_000, 1))
        '2.5 MB, 12,000 records, 1 reject'
    """
    rejects = f", {plural(so_far.rejects, 'reject')}" if so_far.rejects else ""
    return f"{so_far.bytes / 1e6:,.1f} MB, {plural(so_far.records, 'record')}{rejects}"
