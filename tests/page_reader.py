"""Reads the page as a browser would, strictly: what is not well-formed is an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_VOID = {"meta", "br", "hr", "img", "input", "link"}
_SELF_CLOSED_IN_SVG = {"rect", "line", "path", "circle"}


@dataclass
class Element:
    """One element, with the text directly and indirectly in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> list[Element]:
        """Every element of these kinds inside, in the order of the page."""
        found = [self] if self.tag in tags else []
        return found + [one for child in self.children for one in child.all(*tags)]


class Page(HTMLParser):
    """A page as a tree; raises AssertionError where tags do not match."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(self.source)
        self.close()
        assert self._open == [self.root], f"not closed: {[one.tag for one in self._open[1:]]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SELF_CLOSED_IN_SVG, f"<{tag}/> does not close itself"
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def table(self, id: str) -> list[list[str]]:
        """The cells of a table, headings first; figures exactly as they are behind the text."""
        (table,) = [one for one in self.root.all("table") if one.attributes["id"] == id]
        return [[_value(cell) for cell in row.all("th", "td")] for row in table.all("tr")]

    def column(self, id: str, heading: str) -> list[str]:
        """One column of a table, without its heading."""
        headings, *rows = self.table(id)
        return [row[headings.index(heading)] for row in rows]


def _value(cell: Element) -> str:
    data = cell.all("data")
    return data[0].attributes["value"] if data else cell.text.strip()
