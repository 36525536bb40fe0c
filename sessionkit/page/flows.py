"""A tree as a flow from left to right: how many went where. Drawn as the other charts are.

Bands are drawn on a ground that is stretched to the width of the page; letters are not on it, and
keep their size.

Layer: inside `page`, beside `charts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from sessionkit.page.numbers import printable

_HEIGHT = 250.0
_SLOT = 40.0
_GAP = 10.0
_COLUMNS = (0.0, 29.0, 61.0)
_NODE = 1.4


class Node(NamedTuple):
    """How many there are, what they are called, and where they went; leaves are the third step."""

    label: str
    value: int
    written: str
    children: tuple[Node, ...] = ()


class _Placed(NamedTuple):
    """A node in its place: its column, where it begins and how thick it is, in pixels."""

    node: Node
    column: int
    top: float
    thick: float
    children: tuple[_Placed, ...]
    low: float


def flow(title: str, root: Node) -> Markup:
    """Draw a tree of three steps; bands are as thick as their numbers, and none is left out.

    Example:
        >>> tree = Node("all", 3, "3", (Node("kept", 2, "2"), Node("lost", 1, "1")))
        >>> flow("Where they went", tree).count("<path")
        2
    """
    if not root.value:
        return Markup("")
    placed = _placed(root, 0, 0.0, _HEIGHT / root.value)
    every = list(_walk(placed))
    bands = Markup("").join(band for one in every for band in _bands(one))
    nodes = Markup("").join(_node(one) for one in every)
    words = Markup("").join(_words(one) for one in every)
    return Markup(
        '<svg class="whole flow" role="img" aria-label="{title}" height="{high}">'
        '<svg viewBox="0 0 100 {high}" preserveAspectRatio="none" width="100%" height="{high}">'
        "{bands}{nodes}</svg>{words}</svg>"
    ).format(
        title=printable(title), high=round(placed.low, 2), bands=bands, nodes=nodes, words=words
    )


def _placed(node: Node, column: int, top: float, per_one: float) -> _Placed:
    """Put a node beside the middle of its children, which are put below each other."""
    children = []
    low = top
    for child in node.children:
        if child.value:
            children.append(_placed(child, column + 1, low, per_one))
            low = children[-1].low
    thick = max(1.0, node.value * per_one)
    low = max(low, top + max(_SLOT, thick + _GAP))
    return _Placed(node, column, (top + low - _GAP - thick) / 2, thick, tuple(children), low)


def _walk(placed: _Placed) -> Iterator[_Placed]:
    yield placed
    for child in placed.children:
        yield from _walk(child)


def _bands(one: _Placed) -> Iterator[Markup]:
    """The bands from a node to its children."""
    begin = one.top
    share = one.thick / one.node.value
    for child in one.children:
        end = begin + child.node.value * share
        left, right = _COLUMNS[one.column] + _NODE, _COLUMNS[child.column]
        middle = (left + right) / 2
        yield Markup(
            '<path class="band" d="M{left} {a}C{m} {a} {m} {c} {right} {c}V{d}'
            'C{m} {d} {m} {b} {left} {b}Z"/>'
        ).format(
            left=left,
            right=right,
            m=round(middle, 2),
            a=round(begin, 2),
            b=round(end, 2),
            c=round(child.top, 2),
            d=round(child.top + child.thick, 2),
        )
        begin = end


def _node(one: _Placed) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
        _COLUMNS[one.column], round(one.top, 2), _NODE, round(one.thick, 2)
    )


def _words(one: _Placed) -> Markup:
    """What a node is and how many, on two lines beside it."""
    middle = one.top + one.thick / 2
    return Markup(
        '<text x="{x}%" y="{first}">{label}</text>'
        '<text class="figure" x="{x}%" y="{second}">{written}</text>'
    ).format(
        x=_COLUMNS[one.column] + _NODE + 1.2,
        first=round(middle - 2, 2),
        second=round(middle + 14, 2),
        label=one.node.label,
        written=one.node.written,
    )
