"""The notebooks: what is committed is what they print, and they say what their figures say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks import HOME, NAMES, ROOT, Marks, executed, seen, settled

SIX = (
    "01_first_look",
    "02_states_and_funnel",
    "03_discounts_and_coupons",
    "04_campaigns_and_customers",
    "05_store_and_daily_loads",
    "06_bring_your_own_dump",
)

GIVEN = {
    "01_first_look": {"147", "265"},
    "03_discounts_and_coupons": {"53", "100%"},
    "05_store_and_daily_loads": {"16"},
}
"""Figures that a text works out from those of an output; `test_notebooks_figures` does so, too."""

_CODE = re.compile(r"```.*?```|`[^`]*`", re.S)
_FIGURE = re.compile(r"(?<![\w.,-])\d[\d,]*(?:[-:]\d+)*(?:\.\d+)?%?")


def book(name: str) -> Any:
    return nbformat.read(HOME / f"{name}.ipynb", 4)


def outputs(one: Any) -> list[Any]:
    return [output for cell in one.cells for output in cell.get("outputs", ())]


def plain(output: Any) -> Any:
    """An output as it must come again; of a chart its marks and words, not its outlines."""
    data = dict(output.get("data", {}))
    if "image/svg+xml" in data:
        data["image/svg+xml"] = Marks(data["image/svg+xml"]).told
    return {**output, "data": data}


def prose(one: Any) -> str:
    return "\n".join(cell.source for cell in one.cells if cell.cell_type == "markdown")


def test_the_six_are_there() -> None:
    assert NAMES == SIX


@pytest.mark.parametrize("name", SIX)
def test_a_notebook_prints_again_what_is_committed(name: str, tmp_path: Path) -> None:
    shutil.copytree(HOME, tmp_path / "notebooks")
    shutil.copytree(ROOT / "data", tmp_path / "data")
    fresh = executed(tmp_path / "notebooks" / f"{name}.ipynb")
    committed = book(name)
    for mine, kept in zip(fresh.cells, committed.cells, strict=True):
        assert mine.source == kept.source
        found = [plain(one) for one in mine.get("outputs", ())]
        assert found == [plain(one) for one in kept.get("outputs", ())], mine.source
    assert fresh.metadata == committed.metadata
    assert sorted(path.name for path in (tmp_path / "notebooks").iterdir()) == sorted(
        f"{one}.ipynb" for one in SIX
    )


@pytest.mark.parametrize("name", SIX)
def test_a_notebook_is_short_clean_and_needs_no_script(name: str) -> None:
    text = (HOME / f"{name}.ipynb").read_text(encoding="utf-8")
    one = book(name)
    assert settled(nbformat.from_dict(one)) == one
    assert len(one.cells) < 15
    assert one.cells[0].source.startswith("# ")
    counts = [cell.execution_count for cell in one.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert not re.search(r"/tmp/|/home/|/root/|/work/|/Users/|0x[0-9a-f]{6}", text)
    assert "<script" not in text
    for output in outputs(one):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output.text
        assert not any("javascript" in kind or "vega" in kind for kind in output.get("data", {}))


@pytest.mark.parametrize("name", SIX)
def test_every_figure_of_a_text_stands_in_an_output(name: str) -> None:
    one = book(name)
    shown = {
        figure
        for cell in one.cells
        for text in seen(cell)
        for figure in (*_FIGURE.findall(text), *_parts(text))
    }
    told = {figure.rstrip(",") for figure in _FIGURE.findall(_CODE.sub(" ", prose(one)))}
    shown |= {figure.removesuffix(".00") for figure in shown}
    assert told - shown == GIVEN.get(name, set())
    assert len(told & shown) >= 4


def _parts(text: str) -> list[str]:
    """The days and minutes of instants, and figures with a unit behind them."""
    instants = re.findall(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)", text)
    return [part for instant in instants for part in instant]
