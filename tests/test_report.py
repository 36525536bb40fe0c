"""The page: complete, correct, escaped, alone, and the same bytes for the same data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import folder, questions
from sessionkit.page import report
from sessionkit.page.files import write_file
from sessionkit.page.grid import heading
from sessionkit.page.numbers import exact
from sessionkit.tables import CART_ITEMS, COUPONS, DISCOUNTS, FINDINGS, LOADS, REJECTS, SESSIONS
from tests.page_reader import Page
from tests.rows import rows

JAN, FEB = datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 2, 1, 10, tzinfo=UTC)
ATTACK = "<script>alert(1)</script>"
NASTY = f"\"'><b>&amp;{ATTACK}\x1b[31m\u202e\x00"

Tables = dict[str, pa.Table]


def session(id: str, application: int = 270, **known: Any) -> dict[str, Any]:
    return {"application_id": application, "integration_id": id, "created_at": JAN, **known}


def discount(id: str, label: str, value: str, application: int = 270) -> dict[str, Any]:
    return {
        "application_id": application,
        "integration_id": id,
        "label": label,
        "value": value,
    }


def known(total: str) -> dict[str, Any]:
    return {"discounts_known": True, "discount_total": total}


def load(name: str, **counts: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("records", "sessions", "repeats", "older", "effects", "rejects"), 0)
    return {"source_file": name, "status": "read", **nothing, **counts}


def reject(record: int, code: str, found: str) -> dict[str, Any]:
    return {
        "source_file": "a.jsonl",
        "source_record": record,
        "reasons": [{"code": code, "path": "total", "expected": "a number", "found": found}],
    }


def shop() -> Tables:
    """Two applications, four sessions, a reject and a finding."""
    return {
        "sessions": rows(
            SESSIONS,
            session(
                "S-1",
                state="closed",
                total="100.10",
                profile_id="anna",
                coupon_codes=["TEA"],
                referral_code="ben",
                **known("10.01"),
            ),
            session("S-2", state="open", total="7.5", created_at=FEB, **known("0")),
            session("S-3", state="partially_returned", total="20", created_at=FEB, **known("5")),
            session("S-4", 322, state="cancelled", total="1000", discounts_known=False),
        ),
        "discounts": rows(
            DISCOUNTS,
            discount("S-1", "Ten off", "10.01"),
            discount("S-3", "Five off", "5"),
        ),
        "coupons": rows(COUPONS, {"application_id": 270, "integration_id": "S-1", "code": "TEA"}),
        "cart_items": rows(
            CART_ITEMS,
            {
                "application_id": 270,
                "integration_id": "S-1",
                "line": 0,
                "sku": "tea",
                "quantity": 3,
                "price": "33.366666666666666667",
            },
        ),
        "loads": rows(
            LOADS,
            load("a.jsonl", records=10, sessions=4, repeats=2, older=3, rejects=1, bytes=1234),
            load("b.txt", status="skipped", message="not a dump by its name"),
        ),
        "rejects": rows(REJECTS, reject(7, "wrong-type", "'n/a'")),
        "findings": rows(
            FINDINGS,
            {
                "rule": "missing-price",
                "severity": "warning",
                "application_id": 270,
                "integration_id": "S-2",
                "path": "cartItems[0].price",
                "count": 3,
                "source_file": "a.jsonl",
                "source_record": 2,
            },
        ),
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(report(shop(), tmp_path_factory.mktemp("page") / "page.html"))


# ---- the figures


def test_key_figures_stand_apart_for_each_application(page: Page) -> None:
    assert [one.text for one in page.root.all("h3")][:2] == ["Application 270", "Application 322"]
    first, other = page.table("figures-0"), page.table("figures-1")
    assert first[0] == ["figure", "completed", "open", "cancelled", "all"]
    told = {row[0]: row[1:] for row in first}
    assert told["sessions"] == ["2", "1", "0", "3"]
    assert told["customers"] == ["1", "0", "0", "1"]
    assert told["gross total"] == ["120.1", "7.5", "0", "127.6"]
    assert told["discount total"] == ["15.01", "0", "", "15.01"]
    assert told["net total"] == ["105.09", "7.5", "", "112.59"]
    assert told["discounts known"] == ["2", "1", "0", "3"]
    told = {row[0]: row[1:] for row in other}
    assert told["sessions"] == ["0", "0", "1", "1"]
    assert told["gross total"] == ["0", "0", "1000", "1000"]
    assert told["discounts unknown"] == ["0", "0", "1", "1"]


def test_every_figure_is_what_the_question_answers(page: Page) -> None:
    apart = ["application_id"]
    first: dict[str, Any] = {"where": {"application_id": 270}}
    asked = {
        "states-table": questions.states(shop(), by=apart),
        "outcomes-table": questions.outcomes(shop(), by=apart),
        "funnel-table": questions.funnel(shop()),
        "closing-table": questions.time_to_close(shop()),
        "times-0": questions.totals(shop(), by=[*apart, "day"], **first),
        "labels-0": questions.discount_summary(shop(), by=[*apart, "base_label"], **first),
        "stacks-0": questions.discount_stacks(shop(), **first),
        "items-0": questions.top_items(shop(), **first),
        "customers-0": questions.customer_summary(shop(), **first),
        "coupons-0": questions.coupon_summary(shop(), **first),
        "referrals-0": questions.referral_summary(shop(), **first),
    }
    compared = 0
    for id, result in asked.items():
        told = result.table.to_pylist()
        headings = page.table(id)[0]
        for name in result.table.column_names:
            shown = [exact(row[name]) for row in told]
            if heading(name) in headings and name != "labels":
                compared += 1
                assert sorted(page.column(id, heading(name))) == sorted(_text(shown)), (id, name)
    assert compared > 60
    assert page.column("states-table", "sessions") == ["1", "1", "1", "0", "0", "0", "0", "1"]


def _text(values: list[str]) -> list[str]:
    """Texts and flags are shown in words: null as a dash, true as yes."""
    words = {"true": "yes", "false": "no"}
    return [words.get(value, value) for value in values]


def test_days_and_labels_are_in_order(page: Page) -> None:
    assert page.column("times-0", "day") == ["2026-01-31", "2026-02-01"]
    assert page.column("times-0", "gross total") == ["100.1", "20"]
    assert page.column("labels-0", "label") == ["Ten off", "Five off"]
    assert page.column("labels-0", "discount total") == ["10.01", "5"]


def test_what_was_read_is_told_with_rejects_and_findings(page: Page) -> None:
    assert "1 file read, 1 skipped." in page.root.text
    assert "10 records = 4 sessions + 2 repeats + 3 older + 1 reject." in page.root.text
    assert page.column("files", "source file") == ["a.jsonl", "b.txt"]
    assert page.column("files", "message") == ["–", "not a dump by its name"]
    assert page.table("rejects")[1] == [
        "wrong-type",
        "1",
        "a value is not of the type that its member has",
    ]
    assert page.table("reject-examples")[1][:3] == ["wrong-type", "a.jsonl", "7"]
    assert page.table("findings-rules")[1][:4] == ["missing-price", "warning", "3", "1"]
    assert page.table("findings-examples")[1][:4] == ["missing-price", "270", "S-2", _PATH]


_PATH = "cartItems[0].price"


def test_one_currency_adds_all_applications(tmp_path: Path) -> None:
    page = Page(report(shop(), tmp_path / "page.html", currencies="EUR"))
    told = {row[0]: row[1:] for row in page.table("figures-0")}
    assert told["gross total"] == ["120.1", "7.5", "1000", "1127.6"]
    assert "Amounts: EUR." in page.root.text
    assert "Gross total, EUR" in [one.text for one in page.root.all("figcaption")]
    assert not [one for one in page.root.all("table") if one.attributes["id"] == "figures-1"]


def test_different_currencies_are_named_and_not_added(tmp_path: Path) -> None:
    page = Page(report(shop(), tmp_path / "page.html", currencies={270: "EUR", 322: "USD"}))
    titles = [one.text for one in page.root.all("h3")]
    assert titles[:2] == ["EUR", "USD"]
    assert {row[0]: row[-1] for row in page.table("figures-1")}["gross total"] == "1000"


def test_what_results_remark_is_told(page: Page) -> None:
    remarks = [one.text for one in page.root.all("li")]
    noted = questions.totals(shop(), population="all").notes
    assert noted
    assert set(noted) <= set(remarks)


# ---- long data


def test_labels_beyond_the_twentieth_are_one_row_with_their_exact_sum(tmp_path: Path) -> None:
    count = 25
    labels = [discount("S-1", f"L{n:02d}", f"{100 - n}.1") for n in range(count)]
    one = session("S-1", state="closed", total="9999", **known("2202.5"))
    tables = {"sessions": rows(SESSIONS, one), "discounts": rows(DISCOUNTS, *labels)}
    page = Page(report(tables, tmp_path / "page.html"))
    shown = page.table("labels-0")[1:]
    assert [row[0] for row in shown] == [f"L{n:02d}" for n in range(20)] + ["5 other labels"]
    assert page.column("labels-0", "discount total")[-1] == "390.5"
    assert sum(map(Decimal, page.column("labels-0", "discount total"))) == Decimal("2202.5")


def test_more_files_than_can_be_read_are_cut_and_the_page_says_so(tmp_path: Path) -> None:
    files = [load(f"{n:02d}.jsonl", records=1, sessions=1) for n in range(30)]
    files[29] |= {"sessions": 0, "rejects": 1}
    page = Page(report({"loads": rows(LOADS, *files)}, tmp_path / "page.html"))
    names = page.column("files", "source file")
    assert names[:2] == ["29.jsonl", "00.jsonl"]
    assert len(names) == 20
    assert "Shown are the first 20 files of 30." in page.root.text


def test_of_many_applications_the_largest_are_shown_and_the_page_says_so(tmp_path: Path) -> None:
    sessions = [session("S", n, state="closed", total="1") for n in range(1, 16)]
    sessions += [session("T", n, state="closed", total="1") for n in (14, 15)]
    page = Page(report({"sessions": rows(SESSIONS, *sessions)}, tmp_path / "page.html"))
    ids = [one.attributes["id"] for one in page.root.all("table")]
    assert [id for id in ids if id.startswith("figures")][10:] == ["figures-10", "figures-11"]
    assert [id for id in ids if id.startswith("baskets")] == [f"baskets-{n}" for n in range(4)]
    assert "Shown are the 12 of 15 applications with the most sessions." in page.root.text
    assert "Shown are the 4 of 15 applications with the most sessions." in page.root.text
    titles = [one.text for one in page.root.all("h3")]
    assert titles[10:12] == ["Application 14", "Application 15"]
    assert titles.count("Application 10") == 1
    assert titles.count("Application 15") > 3


# ---- the document


def test_the_page_is_one_well_formed_document_that_loads_and_runs_nothing(page: Page) -> None:
    assert page.source.startswith("<!doctype html>\n")
    assert not page.root.all("script", "img", "iframe", "object", "embed", "form")
    assert [one.attributes for one in page.root.all("link")] == [{"rel": "icon", "href": "data:,"}]
    ids = [one.attributes["id"] for one in _everything(page) if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    for one in _everything(page):
        assert not [name for name in one.attributes if name.startswith("on")]
        assert "src" not in one.attributes
        if "href" in one.attributes and one.tag != "link":
            assert one.attributes["href"][0] == "#"
            assert one.attributes["href"][1:] in ids
    style = page.root.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    policy = page.root.all("meta")[1].attributes
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'; style-src 'unsafe-inline'")


def _everything(page: Page) -> list[Any]:
    def inside(element: Any) -> list[Any]:
        return [element, *(one for child in element.children for one in inside(child))]

    return inside(page.root)


def test_the_page_can_be_found_around_in_without_seeing_it(page: Page) -> None:
    assert page.root.all("html")[0].attributes["lang"] == "en"
    assert len(page.root.all("h1")) == 1
    levels = [int(one.tag[1]) for one in page.root.all("h1", "h2", "h3")]
    assert all(level <= before + 1 for before, level in pairwise(levels))
    for table in page.root.all("table"):
        assert table.all("caption")[0].text
        assert {one.attributes["scope"] for one in table.all("th")} == {"col", "row"}
        assert all(row.children[0].tag == "th" for row in table.all("tbody")[0].all("tr"))
    for figure in page.root.all("figure"):
        assert figure.all("figcaption")[0].text
        drawing = figure.all("svg")[0]
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-label"]


def test_every_heading_of_a_figure_leads_to_its_definition(page: Page) -> None:
    defined = questions.totals(shop()).definition
    notes = {one.attributes.get("id"): one for one in page.root.all("dt")}
    assert notes["note-totals-gross-total"].text == "gross_total"
    texts = [one.text for one in page.root.all("dd")]
    assert set(defined.values()) <= set(texts)
    for id in ("figures-0", "states-table", "outcomes-table", "funnel-table", "labels-0"):
        (table,) = [one for one in page.root.all("table") if one.attributes["id"] == id]
        links = {link.attributes["href"][1:] for link in table.all("a")}
        assert len(links) >= 4
        assert links <= notes.keys()


def test_every_section_leads_to_the_definitions_of_its_questions(page: Page) -> None:
    titles = {one.attributes["id"]: one.text for one in page.root.all("h3") if one.attributes}
    linked = {
        link.attributes["href"][1:]
        for line in page.root.all("p")
        if line.attributes.get("class") == "defined"
        for link in line.all("a")
    }
    assert linked == titles.keys()
    assert titles["notes-discount-depth"] == "Discount depth"
    texts = {one.text for one in page.root.all("dd")}
    for question in (questions.transitions, questions.top_items, questions.coupon_summary):
        told = {text.replace("`", "") for text in question({}).definition.values()}
        assert told <= texts


def test_whatever_comes_from_the_data_is_escaped(tmp_path: Path) -> None:
    example = {"code": "wrong-type", "path": NASTY, "expected": NASTY, "found": NASTY}
    tables = {
        "sessions": rows(
            SESSIONS, session(NASTY, state="closed", total="1", store_id=NASTY, **known("1"))
        ),
        "discounts": rows(DISCOUNTS, discount(NASTY, NASTY, "1")),
        "loads": rows(LOADS, load(NASTY, message=NASTY, dialects=[NASTY])),
        "rejects": rows(REJECTS, {"source_file": NASTY, "source_record": 1, "reasons": [example]}),
        "findings": rows(
            FINDINGS,
            {
                "rule": NASTY,
                "severity": "info",
                "application_id": 270,
                "integration_id": NASTY,
                "path": NASTY,
                "expected": NASTY,
                "seen": NASTY,
                "source_file": NASTY,
            },
        ),
    }
    page = Page(report(tables, tmp_path / "page.html", title=NASTY, currencies={270: NASTY}))
    assert not page.root.all("script", "b")
    assert page.source.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 16
    assert not [one for one in page.source if ord(one) < 32 and one != "\n"]
    assert "\u202e" not in page.source
    shown = f"\"'><b>&amp;{ATTACK}␛[31m␀"
    assert page.root.all("h1")[0].text == shown
    assert page.column("labels-0", "label") == [shown]


def test_the_same_data_in_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    turned = {name: table.take(list(range(len(table)))[::-1]) for name, table in shop().items()}
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    assert report(shop(), first).read_bytes() == report(turned, second).read_bytes()


def test_a_folder_gives_the_page_that_its_tables_give(tmp_path: Path) -> None:
    written = folder.write(shop(), tmp_path / "out")
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    assert report(shop(), first).read_bytes() == report(written, second).read_bytes()


def test_nothing_read_gives_a_page_that_says_so(tmp_path: Path) -> None:
    page = Page(report({}, tmp_path / "page.html"))
    for said in (
        "No session was found in what was read.",
        "0 records = 0 sessions + 0 repeats + 0 older + 0 rejects.",
        "Nothing was rejected.",
        "No discount is known.",
        "No session is completed.",
        "No item was bought.",
        "No coupon or referral code was entered.",
        "No rule found anything odd.",
    ):
        assert said in page.root.text
    assert not page.root.all("svg")


# ---- writing


def test_a_page_that_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        report({}, path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_a_page_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")
    assert report({}, str(path)) == path
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_a_device_is_written_to_as_it_is() -> None:
    write_file(Path("/dev/null"), b"x")
    assert Path("/dev/null").is_char_device()
