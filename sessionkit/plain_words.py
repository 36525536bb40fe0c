"""What DuckDB says when a statement fails, in plain words and on one line.

Layer: above `errors`; imports nothing else from the package.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from sessionkit.errors import FolderError, QueryError

TOO_LARGE = (
    "an amount is past 38 digits (20 before the point): the sum of these sessions cannot "
    "be told exactly. Look for amounts that are wrong, or ask by smaller groups."
)
_HINTS = ("Candidate", "Did you mean")


@contextmanager
def in_plain_words(
    error: type[QueryError] | type[FolderError] = QueryError, where: str = ""
) -> Iterator[None]:
    """Turn what DuckDB raises into one plain message."""
    try:
        yield
    except duckdb.OutOfRangeException as fault:
        raise error(f"{where}{_too_large(fault)}") from fault
    except (duckdb.Error, pa.ArrowInvalid, UnicodeError) as fault:
        raise error(where + _first_line(fault)) from fault


def _too_large(fault: duckdb.Error) -> str:
    text = str(fault)
    if "DECIMAL" in text or "HUGEINT" in text:
        return TOO_LARGE
    return _first_line(fault)


def _first_line(fault: Exception) -> str:
    """The words of an error, without DuckDB's heading and the picture of the statement."""
    words, _, rest = str(fault).strip().partition("\n")
    hint = next((line for line in rest.splitlines() if line.startswith(_HINTS)), "")
    heading, colon, message = words.partition(": ")
    said = message if colon and heading.endswith("Error") else words
    if isinstance(fault, duckdb.PermissionException):
        said = f"a query reads the tables and nothing else. {said}"
    return f"{said} {hint}".strip()
