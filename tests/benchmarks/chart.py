"""The chart: what a record costs each of the rivals, as SVG drawn by hand.

The axis is logarithmic, since the dearest costs hundreds of times the cheapest; so a place on it
is a dot, as the length of a bar would mislead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil, floor, log10
from typing import Any
from xml.sax.saxutils import escape

WIDE, LEFT, RIGHT, TOP, STEP = 760, 210, 150, 64, 34
INK, FAINT, OURS, OTHERS = "#1f2933", "#d5dbe1", "#d1495b", "#30638e"
_FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


def chart(results: Mapping[str, Any]) -> str:
    """The rivals by CPU time a record, the cheapest on top.

    Args:
        results: What `table.as_json` gives.
    """
    found = [case for case in results["cases"] if case["group"] == "rivals" and case.get("records")]
    rows = sorted((case["cpu"] / case["records"] * 1e6, case["title"]) for case in found)
    costs = [cost for cost, _ in rows] or [1.0]
    low, high = floor(log10(min(costs))), ceil(log10(max(costs) * 1.001))
    tall = TOP + STEP * len(rows) + 40
    title = "CPU time to read one session, µs (logarithmic; further left is better)"
    body = [
        f"<rect width='{WIDE}' height='{tall}' fill='#ffffff'/>",
        _text(20, 30, title, size=15, weight="600"),
        *_grid(low, high, tall),
        *_dots(rows, low, high),
    ]
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDE} {tall}' width='{WIDE}' "
        f"height='{tall}' role='img' {_FONT}>\n<title>{escape(title)}</title>"
    )
    return "\n".join([head, *body, "</svg>"]) + "\n"


def place(cost: float, low: int, high: int) -> float:
    """Where a cost stands between the powers of ten `low` and `high`.

    Example:
        >>> place(1.0, 0, 2), place(10.0, 0, 2), place(100.0, 0, 2)
        (210.0, 410.0, 610.0)
    """
    return LEFT + (WIDE - LEFT - RIGHT) * (log10(cost) - low) / (high - low)


def _grid(low: int, high: int, tall: int) -> Iterator[str]:
    for power in range(low, high + 1):
        x = place(10.0**power, low, high)
        yield (
            f"<line x1='{x:.1f}' y1='{TOP - 10}' x2='{x:.1f}' y2='{tall - 32}' stroke='{FAINT}'/>"
        )
        yield _text(x, tall - 14, f"{10.0**power:,g}", size=12, anchor="middle")


def _dots(rows: Iterable[tuple[float, str]], low: int, high: int) -> Iterator[str]:
    for number, (cost, title) in enumerate(rows):
        y, x = TOP + STEP * number + STEP / 2, place(cost, low, high)
        ours = title == "sessionkit"
        colour, weight = (OURS, "700") if ours else (OTHERS, "400")
        yield f"<line x1='{LEFT}' y1='{y}' x2='{x:.1f}' y2='{y}' stroke='{colour}' opacity='0.35'/>"
        yield f"<circle cx='{x:.1f}' cy='{y}' r='6' fill='{colour}'/>"
        yield _text(LEFT - 12, y + 5, title, anchor="end", weight=weight)
        shown = f"{cost:,.0f} µs" if cost >= 99.5 else f"{cost:.3g} µs"
        yield _text(x + 14, y + 5, shown, weight=weight)


def _text(
    x: float, y: float, text: str, *, size: int = 14, anchor: str = "start", weight: str = "400"
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' font-weight='{weight}' "
        f"text-anchor='{anchor}' fill='{INK}'>{escape(text)}</text>"
    )
