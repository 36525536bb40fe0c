"""The drawings: lengths are right, labels are escaped, and nothing is loaded or run."""

import re
from decimal import Decimal
from html.parser import HTMLParser

from sessionkit.page.charts import Bar, bars, columns, scale
from sessionkit.page.flows import Node, flow


class Shapes(HTMLParser):
    """Collects the rectangles and texts of a drawing."""

    def __init__(self, drawing: str) -> None:
        super().__init__()
        self.rects: list[dict[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(drawing)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "rect":
            self.rects.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_longest_bar_fills_the_width_and_the_others_are_in_proportion() -> None:
    drawn = Shapes(bars("t", [Bar("a", 10, "10"), Bar("b", Decimal("2.5"), "2.50")]))
    assert [(one["x"], one["width"]) for one in drawn.rects] == [
        ("0.0%", "100.0%"),
        ("0.0%", "25.0%"),
    ]


def test_a_bar_below_zero_points_the_other_way() -> None:
    drawn = Shapes(bars("t", [Bar("a", 3, "3"), Bar("b", -1, "-1")]))
    assert [(one["x"], one["width"]) for one in drawn.rects] == [
        ("25.0%", "75.0%"),
        ("0.0%", "25.0%"),
    ]


def test_columns_below_zero_hang_from_the_line() -> None:
    drawn = Shapes(columns("t", [Bar("a", 100, "100"), Bar("b", -50, "-50")]))
    assert [(one["y"], one["height"]) for one in drawn.rects] == [
        ("8.0", "100.0"),
        ("108.0", "50.0"),
    ]
    assert drawn.texts[:4] == ["-50", "0", "50", "100"]


def test_unknown_values_draw_nothing_and_no_value_at_all_no_chart() -> None:
    drawn = Shapes(bars("t", [Bar("a", 1, "1"), Bar("b", None, "–")]))
    assert [one["width"] for one in drawn.rects] == ["100.0%", "0.0%"]
    assert bars("t", [Bar("b", None, "–")]) == ""
    assert bars("t", []) == ""
    assert columns("t", []) == ""


def test_only_zeros_draw_nothing() -> None:
    assert bars("t", [Bar("a", 0, "0")]) == ""
    assert columns("t", [Bar("a", Decimal(0), "0.00"), Bar("b", None, "–")]) == ""


def test_a_label_is_escaped_and_cut_and_stands_whole_in_the_title() -> None:
    label = "<script>alert(1)</script>" + "x" * 40
    drawing = bars('"quoted" title', [Bar(label, 1, "<b>")])
    assert "<script" not in drawing
    assert "<b>" not in drawing
    assert 'aria-label="&#34;quoted&#34; title"' in drawing
    assert Shapes(drawing).texts[0] == f"{label}: <b>"
    assert Shapes(drawing).texts[1] == label[:36] + "…"


def test_few_labels_stand_under_many_columns() -> None:
    months = [Bar(f"2026-{month:02d}", month, "") for month in range(1, 37)]
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", columns("t", months))
    assert labels[-4:] == ["2026-01", "2026-13", "2026-24", "2026-36"]
    assert labels[:-4] == ["0", "10", "20", "30", "40"]


def test_every_value_lies_within_its_axis() -> None:
    for values in ([0.003], [7], [-3, 12], [999999], [Decimal("1e20")], [0.1, 0.2, 0.3], [-5]):
        axis = scale(values)
        assert axis is not None
        ticks = axis.ticks()
        assert ticks[0] <= min(values) <= max(values) <= ticks[-1] * (1 + 1e-9)
        assert 2 <= len(ticks) <= 8
        assert min(abs(tick) for tick in ticks) == 0.0


def test_what_may_come_on_top_is_drawn_lighter_behind_the_end() -> None:
    drawn = Shapes(bars("t", [Bar("a", 6, "6"), Bar("b", 3, "3", beyond=1)], most=10))
    told = [(one["x"], one["width"], one.get("class")) for one in drawn.rects]
    assert told == [
        ("0.0%", "60.0%", None),
        ("0.0%", "30.0%", None),
        ("30.0%", "10.0%", "weak"),
    ]


def test_a_flow_is_as_thick_as_its_numbers_and_leaves_out_what_is_nothing() -> None:
    kept, lost, none = Node("kept", 3, "3"), Node("<lost>", 1, "1"), Node("none", 0, "0")
    tree = Node("all", 4, "4", (Node("closed", 4, "4", (kept, lost, none)), none))
    drawn = Shapes(flow("t", tree))
    heights = [float(one["height"] or "") for one in drawn.rects]
    assert heights == [250.0, 250.0, 187.5, 62.5]
    assert drawn.texts == ["all", "4", "closed", "4", "kept", "3", "<lost>", "1"]
    assert flow("t", Node("all", 0, "0")) == ""
