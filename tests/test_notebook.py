"""In a notebook: tables, stores and answers show themselves, and outlive being saved."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import sessionkit as sk
from sessionkit.session_tables import SessionTables
from tests.asking import at, source
from tests.literal_dumps import BROKEN, THREE, write_lines

VOID = {"br", "img", "meta", "link", "input", "hr", "wbr"}


class Reader(HTMLParser):
    """What a viewer without scripts sees: the rows of tables and their captions."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.open: list[str] = []
        self.said = ""
        self._rows: list[list[str]] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "link", "iframe", "img")
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._rows = []
        if tag == "tr":
            self._rows.append([])
        self._text = self._text if tag == "wbr" else ""

    def handle_data(self, data: str) -> None:
        self._text += data
        self.said += data

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "caption":
            self.tables[self._text] = self._rows
        if tag in ("td", "th"):
            self._rows[-1].append(self._text)


def seen(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def read(tmp_path: Path) -> SessionTables:
    """Three good sessions, of which each is in another state, and a record that is none."""
    return sk.read(write_lines(tmp_path / "four.jsonl", *THREE, BROKEN))


def test_tables_tell_what_was_read_from_when_to_when_and_what_is_wrong(
    read: SessionTables,
) -> None:
    page = seen(read._repr_html_())
    assert "3 sessions of 1 application, created from 2026-01-" in page.said
    assert "1 file read." in page.said
    assert "4 records = 3 sessions + 0 repeats + 0 older + 1 reject." in page.said
    assert page.tables["Sessions by state"] == [
        ["application", "open", "closed", "partially_returned", "cancelled"],
        ["270", "1", "1", "0", "1"],
    ]
    assert ["rejected", "wrong-type", "1"] in page.tables["Rejects and findings"]
    rows = {row[0]: row[2] for row in page.tables["Tables"][1:]}
    assert rows == {name: f"{table.num_rows:,}" for name, table in read if table.num_rows}


def test_the_same_as_the_tables_say(read: SessionTables) -> None:
    page = seen(read._repr_html_())
    counted: dict[str, int] = {}
    for row in read.findings.to_pylist():
        counted[row["rule"]] = counted.get(row["rule"], 0) + row["count"]
    told = {row[1]: int(row[2]) for row in page.tables["Rejects and findings"][1:]}
    assert {rule: told[rule] for rule in counted} == counted


def test_a_store_tells_how_many_loads_it_has_seen(tmp_path: Path) -> None:
    dump = write_lines(tmp_path / "four.jsonl", *THREE, BROKEN)
    with sk.Store(tmp_path / "s.duckdb") as store:
        store.load(dump)
        page = seen(str(store._repr_html_()))
        assert "s.duckdb" in page.said
        assert "4 records in 1 load: 3 sessions, 1 reject open." in page.said
        assert page.tables["Sessions by state"][1] == ["270", "1", "1", "0", "1"]
    assert store._repr_html_() is None
    assert repr(store).endswith("closed)")


def test_nothing_read_is_told_as_such() -> None:
    page = seen(SessionTables.of({})._repr_html_())
    assert page.said == "SessionTablesNo session.No reject, no finding."


def test_an_overview_of_many_applications_is_cut_and_says_so() -> None:
    many = source(*({"application_id": n, "integration_id": "a"} for n in range(1, 51)))
    page = seen(SessionTables.of(many)._repr_html_())
    assert len(page.tables["Sessions by state"]) == 1 + 20
    assert "30 more rows not shown." in page.said
    assert "50 sessions of 50 applications" in page.said


def test_what_the_data_say_is_text() -> None:
    nasty = "<script>alert(1)</script>"
    table = source(
        {"store_id": nasty, "created_at": at("2024-03-01")},
        rejects=[
            {
                "source_file": nasty, "raw": b"x",
                "reasons": [{"code": nasty, "path": "", "expected": "", "found": ""}],
            }
        ],
    )  # fmt: skip
    for html in (
        SessionTables.of(table)._repr_html_(),
        sk.totals(table, by="store_id")._repr_html_(),
        sk.totals(table, by="store_id", where={"store_id": nasty})._repr_html_(),
    ):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        seen(html)


def test_a_column_tells_what_it_means() -> None:
    answer = sk.totals(source({}))
    html = answer._repr_html_()
    for name, meaning in answer.definition.items():
        heading = name.replace("_", "_<wbr>")  # it may go on in the next line there
        head = re.search(rf'<th scope="col" style="[^"]*" title="([^"]*)">{heading}</th>', html)
        assert head, name
        assert head[1]
        assert meaning in seen(html).said


def test_whole_numbers_have_no_decimals_however_they_were_added() -> None:
    added = sk.Result(
        pa.table(
            {
                "n": pa.array([Decimal(1200), None], pa.decimal128(38, 0)),
                "money": pa.array([Decimal(1200), Decimal("0.001")], pa.decimal128(38, 18)),
            }
        )
    )
    page = seen(added._repr_html_())
    assert page.tables["2 rows"] == [["n", "money"], ["1,200", "1,200.00"], ["–", "0.001"]]


def test_an_answer_with_fewer_columns_keeps_their_meaning_and_its_notes() -> None:
    answer = sk.totals(source({}, {"application_id": 322}))
    few = answer.select("application_id, gross_total", "session_count", "gross_total")
    assert few.table.column_names == ["application_id", "gross_total", "session_count"]
    assert few.table.equals(answer.table.select(few.table.column_names))
    assert (few.question, few.notes, few.sql) == (answer.question, answer.notes, answer.sql)
    assert dict(few.definition) == {
        name: answer.definition[name] for name in few.table.column_names
    }
    page = seen(few._repr_html_())
    assert page.tables["totals: 2 rows"][0] == ["application_id", "gross_total", "session_count"]
    assert answer.notes
    assert answer.notes[0] in page.said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["gros_total"], "unknown column 'gros_total'. Did you mean 'gross_total'? There are: "),
        ([" , "], "name at least one column."),
        ([], "name at least one column."),
    ],
)
def test_columns_that_there_are_not_are_told(names: list[str], said: str) -> None:
    with pytest.raises(sk.SessionkitError) as caught:
        sk.totals(source({})).select(*names)
    assert str(caught.value).startswith(said)


# ---- a real kernel, a saved file, another program


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that a kernel ran, as it was saved."""
    home = tmp_path_factory.mktemp("notebook")
    dump = write_lines(home / "four.jsonl", *THREE, BROKEN)
    cells = [
        f"import sessionkit as sk\ntables = sk.read({str(dump)!r})\ntables",
        f"with sk.Store({str(home / 's.duckdb')!r}) as store:\n"
        f"    store.load({str(dump)!r})\n    display(store)",
        "sk.totals(tables, by='month', population='all', currencies='EUR', total_row=True)",
        "import altair\naltair.renderers.enable('svg')\nsk.states(tables).chart()",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    path = home / "book.ipynb"
    nbformat.write(book, path)
    return path


def outputs(path: Path) -> list[Any]:
    return [one for cell in nbformat.read(path, 4).cells for one in cell.outputs]


def test_a_kernel_shows_tables_stores_and_answers(saved: Path) -> None:
    tables, store, totals, chart = outputs(saved)
    assert "4 records = 3 sessions" in seen(tables.data["text/html"]).said
    assert "4 records in 1 load" in seen(store.data["text/html"]).said
    page = seen(totals.data["text/html"])
    heads, *rows = page.tables["totals: 3 rows"]
    figures = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [(one["month"], one["gross_total"]) for one in figures] == [
        ("2026-01-01", "100.10"),
        ("2026-02-01", "27.50"),
        ("–", "127.60"),
    ]
    assert ">partially_returned</text>" in chart.data["image/svg+xml"]


def test_nbconvert_keeps_what_was_shown(saved: Path) -> None:
    html, _ = HTMLExporter(template_name="basic").from_filename(str(saved))
    assert "Sessions by state" in html
    assert "4 records = 3 sessions + 0 repeats + 0 older + 1 reject." in html
    assert 'title="Σ total, before discounts, over the sessions' in html
    assert "127.60" in html
    assert "data:image/svg+xml" in html or "<svg" in html


def test_an_answer_of_any_size_stays_small_in_a_saved_notebook() -> None:
    wide = pa.table(
        {f"column_{n}": [datetime(2024, 1, 1, tzinfo=UTC)] * 100_000 for n in range(26)}
    )
    assert len(sk.Result(wide)._repr_html_()) < 400_000
