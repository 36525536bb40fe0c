"""The page in a browser: it fits, says nothing, fetches nothing, and can be used by everyone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from sessionkit.page import report
from sessionkit.reading import read
from sessionkit.tables import DISCOUNTS, SESSIONS
from tests.page_browser import FOUND, Browser
from tests.rows import rows
from tests.test_report import ATTACK, NASTY, shop
from tests.test_report_sections import on

pytestmark = pytest.mark.skipif(FOUND is None, reason="there is no Chromium")

WIDTHS = (360, 820, 1280)
OPENED = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with long words, labels that would like to be code, and amounts of 20 digits."""
    tables = shop()
    long = [on(1 + n // 28, 1 + n % 28, "765432109876543210.12") for n in range(60)]
    label = {"application_id": 270, "integration_id": "1-1-765432109876543210.12"}
    tables["sessions"] = rows(
        SESSIONS,
        *tables["sessions"].to_pylist(),
        {**long[0], "discounts_known": True, "discount_total": "3"},
        *long[1:],
    )
    tables["discounts"] = rows(
        DISCOUNTS,
        *tables["discounts"].to_pylist(),
        {**label, "label": ATTACK, "value": "1"},
        {**label, "label": NASTY, "value": "1"},
        {**label, "label": "W" * 400, "value": "1"},
    )
    return report(tables, tmp_path_factory.mktemp("page") / "page.html", title="x" * 90)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", WIDTHS)
def test_the_page_fits_says_nothing_and_fetches_nothing(
    browser: Browser, page: Path, wide: int, scheme: str
) -> None:
    for opened in (False, True):
        browser.open(page, wide, scheme=scheme)
        if opened:
            browser.run(OPENED)
        assert browser.run("document.documentElement.scrollWidth") == wide
        assert browser.fetched == [page.as_uri()]
        assert browser.said == []


@pytest.mark.parametrize("wide", WIDTHS)
def test_no_letters_of_a_chart_run_out_of_the_page_or_over_each_other(
    browser: Browser, page: Path, wide: int
) -> None:
    browser.open(page, wide)
    assert browser.run(_OUT_OF_PAGE) == []
    assert browser.run(_OVER_EACH_OTHER) == []


_OUT_OF_PAGE = """
[...document.querySelectorAll('svg text')].filter(one => {
    const box = one.getBoundingClientRect();
    const cut = one.parentElement.x && one.parentElement.x.baseVal.value < 0;
    return box.left < 0 || (box.right > innerWidth + 1 && !cut);
}).map(one => one.textContent)
"""
_OVER_EACH_OTHER = """
[...document.querySelectorAll('main svg')].filter(svg => !svg.parentElement.closest('svg'))
.flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(one => {
        const {left, right, top, bottom} = one.getBoundingClientRect();
        const ground = one.parentElement.x ? one.parentElement.x.baseVal.value : 0;
        const end = svg.getBoundingClientRect().left + svg.clientWidth + ground;
        return [one, {left, right: ground ? Math.min(right, end) : right, top, bottom}];
    });
    return boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
        .filter(([_, b]) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 4 && b.top < a.bottom - 4)
        .map(([other, _]) => one.textContent + ' | ' + other.textContent));
})
"""


def test_a_label_that_looks_like_code_is_shown_as_text(browser: Browser, page: Path) -> None:
    browser.open(page, 1280)
    browser.run(OPENED)
    shown = "[...document.querySelectorAll('#labels-0 th')].map(one => one.innerText)"
    assert ATTACK in browser.run(shown)
    drawn = "[...document.querySelectorAll('#discounts svg text')].map(one => one.textContent)"
    assert ATTACK in browser.run(drawn)
    assert browser.run("document.scripts.length") == 0


def test_even_a_script_that_came_in_would_not_run(browser: Browser, page: Path) -> None:
    browser.open(page, 1280)
    browser.run(
        "const one = document.createElement('script'); one.textContent = 'window.ran = true';"
        "document.body.append(one)"
    )
    assert browser.run("window.ran === undefined")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, page: Path, scheme: str) -> None:
    pytest.importorskip("axe_core_python", reason="axe-core is not installed")
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    for wide in (360, 1280):
        browser.open(page, wide, scheme=scheme)
        browser.run(OPENED)
        browser.run(f"{axe}; 0")
        found = browser.run(
            "axe.run().then(told => told.violations.map(one => "
            "[one.id, one.impact, one.nodes[0].html]))"
        )
        assert found == []


def test_the_keyboard_reaches_the_figures_first_and_then_everything(
    browser: Browser, page: Path
) -> None:
    browser.open(page, 1280)
    reached = []
    for _ in range(18):
        browser.press_tab()
        reached.append(browser.run("document.activeElement.innerText"))
    assert reached[:3] == ["To the figures", "1 record rejected, 3 warnings", "Key figures"]
    assert reached[13] == "Definitions"


def test_a_link_of_a_heading_shows_what_it_means(browser: Browser, page: Path) -> None:
    browser.open(page, 820)
    browser.run("document.querySelector('.tile a').click()")
    seen = (
        "(() => { const box = document.querySelector('dt:target').getBoundingClientRect();"
        "return box.top >= 0 && box.bottom <= innerHeight && location.hash })()"
    )
    assert browser.run(seen) == "#note-totals-session-count"


def test_paper_shows_charts_and_faults_and_is_white_with_black_letters(
    browser: Browser, page: Path, tmp_path: Path
) -> None:
    browser.open(page, 720, media="print", scheme="dark")
    style = "getComputedStyle(document.body)"
    assert browser.run(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(f"{style}.color") == "rgb(0, 0, 0)"
    assert browser.run("document.querySelector('#files').checkVisibility()")
    assert browser.run("document.querySelector('#files').getBoundingClientRect().height > 30")
    assert browser.run("[...document.querySelectorAll('figure')].every(one => one.offsetWidth)")
    assert not browser.run("document.querySelector('#figures-0').checkVisibility()")
    assert not browser.run("document.querySelector('dl.notes').checkVisibility()")
    assert browser.run("document.querySelector('.paper').checkVisibility()")
    assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    wide = "Math.max(...[...document.querySelectorAll('table')].map(one => one.offsetWidth))"
    assert browser.run(wide) <= 720
    browser.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_the_page_of_the_samples_fits_on_few_sheets(browser: Browser, tmp_path: Path) -> None:
    page = report(read(Path(__file__).parents[1] / "data"), tmp_path / "page.html")
    browser.open(page, 1000, media="print")
    browser.paper(tmp_path / "page.pdf")
    sheets = re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes())
    assert 4 < len(sheets) < 12
