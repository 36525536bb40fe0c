"""Runs the notebooks in a real kernel, so that they can be committed with what they print.

`python -m tests.notebooks` runs all of `notebooks/` again, in place; names of notebooks run only
those. What is saved is the same each time: no times, no names of machines, nothing of the kernel.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
HOME = ROOT / "notebooks"
NAMES = tuple(sorted(path.stem for path in HOME.glob("*.ipynb")))

PATIENCE = 120
"""So many seconds a cell may take."""

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def executed(path: Path) -> Any:
    """Run a notebook where it lies, and give it with its fresh outputs.

    Raises:
        CellExecutionError: A cell raised an error.
    """
    book = nbformat.read(path, 4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    NotebookClient(
        book,
        timeout=PATIENCE,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return settled(book)


def settled(book: Any) -> Any:
    """Take away what differs from run to run, and from machine to machine."""
    book.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for place, cell in enumerate(book.cells, start=1):
        cell.id = f"cell-{place:02}"
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output.metadata = {}
    return book


def written(path: Path) -> None:
    """Run a notebook, and save it in its place."""
    book = executed(path)
    nbformat.validate(book)
    nbformat.write(book, path)


class Seen(HTMLParser):
    """What a reader of an output sees: its text, and its tables by caption, as rows of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._cell = ""
        self._hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, a cell; what is folded up is not seen."""
        self._hidden += tag == "details"
        if tag == "table":
            self._rows = []
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th", "caption"):
            self._cell = ""
        self.text += " "

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        self._cell += data
        self.text += "" if self._hidden else data

    def handle_endtag(self, tag: str) -> None:
        """End a cell, or what is folded up."""
        self._hidden -= tag == "details"
        if tag == "caption":
            self.tables[self._cell] = self._rows
        if tag in ("td", "th"):
            self._rows[-1].append(self._cell)


class Marks(HTMLParser):
    """What a chart shows: the description of each of its marks, and its words."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.told: list[str] = []
        self._in_text = False
        self.feed(svg)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a mark says to screen readers."""
        self._in_text = tag == "text"
        said = dict(attrs).get("aria-label")
        if said:
            self.told.append(said)

    def handle_data(self, data: str) -> None:
        """Keep the words of axes, titles and legends."""
        if self._in_text:
            self.told.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End a word."""
        self._in_text = False


def seen(cell: Any) -> Iterator[str]:
    """What each output of a cell shows to a reader, charts as the words in them."""
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            yield output.text
            continue
        data = output.data
        if "text/html" in data:
            yield Seen(data["text/html"]).text
        elif "image/svg+xml" in data:
            yield "\n".join(Marks(data["image/svg+xml"]).told)
        else:
            yield data["text/plain"]


def main(names: list[str]) -> None:
    """Run notebooks again, in place."""
    for path in sorted(HOME.glob("*.ipynb")):
        if not names or path.stem in names:
            written(path)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
