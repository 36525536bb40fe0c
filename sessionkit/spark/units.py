"""The units of work: some files, or a range of the lines of one file.

A large file that is not packed is cut at any bytes; each range then begins at the first line that
begins in it, and ends with the record that is under way where the next one begins. Whether that is
right, is seen when all ranges are read: each must have come to the very line that the next one
began with, with nothing under way. Where one has not, as where a line feed stands in a quoted
cell, the next range is read again from where it has come to; so no guess is ever trusted.

Layer: bottom of `spark`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sessionkit.rows import Layout
from sessionkit.sources import Found

MOST_FILES = 1000
"""How many files one unit reads."""


@dataclass(frozen=True)
class Files:
    """Files that are read whole, one after the other."""

    files: tuple[Found, ...]


@dataclass(frozen=True)
class Range:
    """The lines of a file that begin at `begin` or behind it, and before `until`.

    Attributes:
        found: The file.
        begin: A byte of it; 0 is its beginning.
        until: A byte of it; None is its end.
        sure: Whether a record surely begins at the first line, with `layout`.
        layout: Of a CSV file: what the header above told, if not the first one.
    """

    found: Found
    begin: int
    until: int | None
    sure: bool = False
    layout: Layout | None = None


Unit = Files | Range


@dataclass(frozen=True)
class Came:
    """How far a range came.

    Attributes:
        begins: The place of its first line that is not blank.
        stopped: The place of the line at which it stopped, with nothing under way; None where it
            came to the end of the file.
        records: How many records it holds.
        above: Of a CSV file: what the header above its first line tells, as far as it knew.
        below: Of a CSV file: what the header above the line tells at which it stopped.
        lost: Whether it gave up, as it read far beyond its end without finding one.
    """

    begins: int
    stopped: int | None
    records: int = 0
    above: Layout | None = None
    below: Layout | None = None
    lost: bool = False


def cut(found: Found, size: int, range_bytes: int) -> list[Range]:
    """Cut a file into ranges of about the same size.

    Example:
        >>> [(each.begin, each.until) for each in cut(Found("a.jsonl"), 10, 4)]
        [(0, 3), (3, 6), (6, None)]
    """
    count = max(1, -(-size // range_bytes))
    places = [size * number // count for number in range(count)]
    ends = [*places[1:], None]
    return [
        Range(found, begin, until, sure=begin == 0)
        for begin, until in zip(places, ends, strict=True)
    ]


def together(files: Iterable[Found], range_bytes: int) -> list[Files]:
    """Put small files together, in their order, into units of about the size of a range."""
    units: list[list[Found]] = []
    size = 0
    for found in files:
        more = range_bytes if found.size is None else found.size
        if not units or size + more > range_bytes or len(units[-1]) == MOST_FILES:
            units.append([])
            size = 0
        units[-1].append(found)
        size += more
    return [Files(tuple(unit)) for unit in units]


def to_redo(ranges: Sequence[Range], came: Sequence[Came]) -> dict[int, Range]:
    """Tell which ranges of a file must be read again, from where.

    Args:
        ranges: All ranges of the file, in order.
        came: How far each came.

    Returns:
        What is to be read, by the place of the range that it replaces. Where there is none, each
        range goes on where the one before stopped, up to the first that came to the end.

    Example:
        >>> a, b, c = cut(Found("a.jsonl"), 30, 10)
        >>> to_redo([a, b, c], [Came(0, 15), Came(10, 20), Came(20, None)])[1].begin
        15
    """
    redo: dict[int, Range] = {}
    for place in range(1, len(ranges)):
        before, part, reached = came[place - 1], ranges[place], came[place]
        if before.stopped is None:
            if not redo:
                break
            continue  # it was wrong itself; what is behind it may be right
        goes_on = before.stopped == reached.begins and before.below == reached.above
        if reached.lost or not goes_on:
            redo[place] = replace(part, begin=before.stopped, sure=True, layout=before.below)
    return redo


def standing(came: Sequence[Came]) -> int:
    """How many ranges there are up to the one that came to the end of the file."""
    return next(place for place, each in enumerate(came, 1) if each.stopped is None)
