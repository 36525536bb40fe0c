"""Where an answer goes and in which format.

JSON, CSV and Parquet are exact and meant for programs: nothing else is written beside them on
standard output, and text is UTF-8 whatever the terminal speaks. The table is meant for people.

Layer: inside `cli`, above `shell` and `table`; imports `result` from below.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.result import Result

_NARROW = (100, 24)


def chosen_format(format: str | None, output: str | None) -> str:
    """How the answer is written: as asked, else as the file's name says, else a table.

    Asked before the work is done, so that nobody waits for what cannot be written.

    Raises:
        UsageError: Parquet was asked for on a terminal, or the file's folder does not exist.
    """
    must_have_folder(output)
    if format == "parquet" and output is None and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal: name a file with -o.")
    suffix = Path(output or "").suffix.lower().removeprefix(".")
    return format or (suffix if suffix in ("json", "csv", "parquet") else "table")


def must_have_folder(output: str | None) -> None:
    """Refuse a file whose folder does not exist.

    Raises:
        UsageError: There is no such folder.
    """
    folder = Path(output or "").absolute().parent
    if not folder.is_dir():
        raise UsageError(f"{output}: there is no folder {str(folder)!r}; make it first.")


def write(result: Result, format: str, output: str | None) -> None:
    """Write an answer to a file, which appears whole or not at all, or to standard output."""
    if output is not None:
        from sessionkit.page.files import write_file

        write_file(Path(output), encoded(result, format))
    elif format == "table":
        click.echo(table_text(result, shutil.get_terminal_size(_NARROW).columns))
    else:
        click.echo(encoded(result, format), nl=False)


def encoded(result: Result, format: str) -> bytes:
    """An answer as the bytes of a file."""
    if format == "parquet":
        return _parquet(result)
    if format == "json":
        written = result.to_json()
    else:
        written = result.to_csv() if format == "csv" else table_text(result, _NARROW[0])
    return (written.rstrip("\n") + "\n").encode()


def table_text(result: Result, width: int) -> str:
    """An answer as text for people."""
    return result.to_text(width) + ("" if len(result) else "\n(no row)")


def _parquet(result: Result) -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    write: Callable[..., None] = pq.write_table
    write(result.table, buffer, write_page_checksum=True)
    return buffer.getvalue()
