"""CSV files as spreadsheets, scripts and people leave them: read as they are, or refused in words.

Every case is read in bulk and row by row: a file that holds it alone, and one in which good rows
stand before and behind.
"""

from __future__ import annotations

import csv
import io
import json
from random import Random
from typing import Any

import pytest

from sessionkit.errors import ReadError
from sessionkit.session_tables import SessionTables
from tests.reading import item, read, rows
from tests.test_traps import EXPORTED

GOOD = EXPORTED | {"total": "0"}


def written(
    *given: dict[str, str], names: dict[str, str] | None = None, delimiter: str = ",", **manner: Any
) -> str:
    """A CSV file of rows, whose columns are those of the first; some with other names."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n", **manner)
    header = list(given[0])
    writer.writerow([(names or {}).get(name, name) for name in header])
    writer.writerows([row[name] for name in header] for row in given)
    return text.getvalue()


def row(name: str, **cells: str) -> dict[str, str]:
    return GOOD | {"integrationid": name} | cells


def among(*given: dict[str, str]) -> list[dict[str, str]]:
    """Rows between good ones that have the same columns."""
    beside = dict.fromkeys(given[0], "") | GOOD
    return [
        beside | {"integrationid": "before"},
        *given,
        *(beside | {"integrationid": f"behind-{number}"} for number in range(3)),
    ]


GOODS = ["before", "behind-0", "behind-1", "behind-2"]


def ids(tables: SessionTables) -> list[str]:
    return sorted(tables.sessions["integration_id"].to_pylist())


def told(tables: SessionTables) -> list[tuple[str, str, str]]:
    """Code, path and found of every reason of every reject."""
    return [
        (reason["code"], reason["path"], reason["found"])
        for reject in tables.rejects.to_pylist()
        for reason in reject["reasons"]
    ]


def same(one: SessionTables, other: SessionTables) -> bool:
    return all(rows(one, name) == rows(other, name) for name in ("sessions", "cart_items"))


# How it is written

FULL = row(
    "S-1",
    cartitems=json.dumps([item(name='5" nail; big, \t|', attributes={"a": "x\ny"})]),
    attributes=json.dumps({"note": "one\r\ntwo, three"}, indent=1),
    identifiers='["a,b", "c;d"]',
)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_quotes_and_marks_change_nothing(
    delimiter: str, quoting: int, mark: str
) -> None:
    plain = read(written(*among(FULL)))
    other = read(mark + written(*among(FULL), delimiter=delimiter, quoting=quoting))
    assert ids(other) == sorted(["S-1", *GOODS])
    assert same(plain, other)
    (line,) = rows(other, "cart_items")
    assert line["name"] == '5" nail; big, \t|'


def test_any_text_in_any_cell_comes_back_past_its_line_feeds_and_quotes() -> None:
    rng = Random(5)
    texts = ["".join(rng.choices('a"\n\r,;\té🛒', k=rng.randrange(1, 12))) for _ in range(200)]
    given = [
        row(f"S-{n}", referral=text, profileintegrationid=text) for n, text in enumerate(texts)
    ]
    tables = read(written(*given, quoting=csv.QUOTE_ALL))
    assert tables.rejects.num_rows == 0
    back = {one["integration_id"]: one.get("referral_code") for one in rows(tables, "sessions")}
    assert back == {f"S-{number}": text for number, text in enumerate(texts)}


def test_a_cell_of_3_6_megabytes_costs_nothing_and_no_neighbour() -> None:
    cart = json.dumps([item(name="x" * 150, attributes={"color": "red"})] * 16_500)
    assert len(cart) > 3_600_000
    tables = read(written(*among(row("S-1", cartitems=cart))))
    assert ids(tables) == sorted(["S-1", *GOODS])
    counts = {one["integration_id"]: one["line_count"] for one in rows(tables, "sessions")}
    assert counts == dict.fromkeys(GOODS, 0) | {"S-1": 16_500}


@pytest.mark.parametrize("place", range(4))
def test_a_quote_that_never_closes_loses_no_byte(place: int) -> None:
    lines = written(*among(FULL | {"cartitems": "[]", "attributes": "{}"})).splitlines()
    lines[1 + place] = lines[1 + place].replace("anna", '"anna')
    whole = "\n".join(lines) + "\n"
    tables = read(whole)
    raws = tables.rejects["raw"].to_pylist()
    kept = set(tables.sessions["integration_id"].to_pylist())
    lost = {name for name in [*GOODS, "S-1"] if name not in kept}
    assert lost
    assert all(any(name.encode() in raw for raw in raws) for name in lost)
    for name in list({"before": 0, "S-1": 1, "behind-0": 2, "behind-1": 3})[:place]:
        assert name in kept
    assert {code for code, _, _ in told(tables)} <= {"bad-row", "broken-container"}


# Columns


def test_the_order_of_columns_means_nothing() -> None:
    plain = read(written(*among(FULL)))
    for seed in range(5):
        names = list(GOOD)
        Random(seed).shuffle(names)
        given = [{name: one[name] for name in names} for one in among(FULL)]
        assert same(plain, read(written(*given)))


@pytest.mark.parametrize("missing", [name for name in EXPORTED if name != "total"])
def test_a_column_may_be_missing_but_for_those_that_name_the_session(missing: str) -> None:
    given = [{name: one[name] for name in GOOD if name != missing} for one in among(FULL)]
    if missing in ("integrationid", "applicationid"):
        with pytest.raises(ReadError, match=f"its header has no column {missing};"):
            read(written(*given))
    elif missing == "created":
        tables = read(written(*given))
        assert {each[:2] for each in told(tables)} == {("missing-member", "created")}
        assert tables.rejects.num_rows == 5
    else:
        assert ids(read(written(*given))) == sorted(["S-1", *GOODS])


@pytest.mark.parametrize("name", ["integrationid", "total", "cartitems", "Total"])
def test_a_column_that_stands_twice_is_refused_and_never_chosen(name: str) -> None:
    given = [one | {"more": "1"} for one in among(FULL)]
    with pytest.raises(ReadError, match=f"names a column twice: {name.lower()}"):
        read(written(*given, names={"more": name}))


SPELT = {
    "integrationid": ["integrationId", "IntegrationId", "integration_id", "Integration ID"],
    "applicationid": ["applicationId", "APPLICATIONID", "application_id", " Application Id "],
    "cartitems": ["cartItems", "Cart Items", "cart_items", "CARTITEMS "],
    "profileintegrationid": ["profile integration id", "profileIntegrationId"] * 2,
    "additional_costs": [
        "additionalcosts",
        "Additional Costs",
        "additionalCosts",
        "Additional_costs",
    ],
    "created": ["Created", " created", "CREATED", "created "],
}


@pytest.mark.parametrize("place", range(4))
def test_columns_are_known_in_any_spelling(place: int) -> None:
    names = {name: spelt[place] for name, spelt in SPELT.items()}
    tables = read(written(*among(FULL), names=names))
    assert same(read(written(*among(FULL))), tables)
    assert "unknown-member" not in tables.findings["rule"].to_pylist()


def test_a_column_of_another_name_is_kept_and_told() -> None:
    given = among(FULL | {"referral": "R", "Shop floor": "3"})
    tables = read(written(*given, names={"referral": "referrer"}))
    assert ids(tables) == sorted(["S-1", *GOODS])
    extras = [one["extras"] for one in rows(tables, "sessions") if one["integration_id"] == "S-1"]
    assert [json.loads(text) for text in extras] == [{"referrer": "R", "Shop floor": "3"}]
    unknown = {one["path"] for one in rows(tables, "findings") if one["rule"] == "unknown-member"}
    assert unknown == {"referrer", "Shop floor"}


# Excel


@pytest.mark.parametrize("filling", ["x", "é", "🛒"])
@pytest.mark.parametrize("column", ["cartitems", "attributes"])
def test_a_cell_that_excel_cut_is_refused_by_name_and_costs_no_neighbour(
    column: str, filling: str
) -> None:
    inner = {"name": filling * 40_000}
    whole = json.dumps([item(**inner)] if column == "cartitems" else inner, ensure_ascii=False)
    cut = whole.encode("utf-16-le")[: 2 * 32_767].decode("utf-16-le", "ignore")
    tables = read(written(*among(row("S-1", **{column: cut}))))
    assert ids(tables) == GOODS
    expected = ("not-json", column, "a cell cut off at 32,767 characters, as Excel does")
    assert told(tables) == [expected]
    (reject,) = tables.rejects.to_pylist()
    assert reject["integration_id"] == "S-1"


@pytest.mark.parametrize(
    ("column", "before", "after", "said"),
    [
        ("id", "123456789012", "1.23457E+11", "wrong-type"),
        ("applicationid", "270", "270.0", None),
        ("id", "123456", "123456.0", None),
        ("total", "1234.5", "1,234.50", "wrong-type"),
        ("total", "1234.5", "1234,5", "wrong-type"),
        ("total", "1234.5", "€1234.50", "wrong-type"),
        ("total", "1234.5", "######", "wrong-type"),
        ("total", "1234.5", "#VALUE!", "wrong-type"),
        ("firstsession", "true", "TRUE", None),
        ("firstsession", "true", "WAHR", "wrong-type"),
        ("created", "2024-03-01T10:00:00Z", "45352.4166667", "bad-instant"),
        ("created", "2024-03-01T10:00:00Z", "01.03.2024 10:00", "bad-instant"),
        ("created", "2024-03-01T10:00:00Z", "00:00.0", "bad-instant"),
        ("state", "closed", "CLOSED", None),
    ],
)
def test_what_excel_made_of_a_cell_is_taken_for_the_same_or_refused(
    column: str, before: str, after: str, said: str | None
) -> None:
    tables = read(written(*among(row("S-1", **{column: after}))))
    if said is None:
        assert ids(tables) == sorted(["S-1", *GOODS])
        plain = read(written(*among(row("S-1", **{column: before}))))
        assert same(plain, tables)
    else:
        assert ids(tables) == GOODS
        assert {code for code, _, _ in told(tables)} == {said}


def test_ids_are_texts_and_what_excel_made_numbers_of_is_never_mended() -> None:
    names = ["00123", "123", "1E+05", "100000", "1.23457E+15", "123.0", "0x1F", "1/2", "TRUE"]
    tables = read(written(*(row(name, profileintegrationid=name) for name in names)))
    assert ids(tables) == sorted(names)
    assert sorted(tables.sessions["profile_id"].to_pylist()) == sorted(names)


TIMES = {
    "%m/%d/%Y %H:%M": "03/01/2024 10:00",
    "%d.%m.%Y %H:%M:%S": "01.03.2024 10:00:00",
    "%d/%m/%y %H:%M": "01/03/24 10:00",
    "%Y/%m/%d %I:%M %p": "2024/03/01 10:00 AM",
}


@pytest.mark.parametrize("form", TIMES)
def test_times_of_a_spreadsheet_are_read_where_their_form_is_told(form: str) -> None:
    given = among(row("S-1", created=TIMES[form], updated=TIMES[form], closedat=""))
    refused = read(written(*given))
    assert ids(refused) == GOODS
    assert {each[:2] for each in told(refused)} == {
        ("bad-instant", "created"),
        ("bad-instant", "updated"),
    }
    tables = read(written(*given), date_format=form)
    assert ids(tables) == sorted(["S-1", *GOODS])
    assert {one["created_at"] for one in rows(tables, "sessions")} == {"2024-03-01T10:00:00Z"}
    local = read(written(*given), date_format=form, assume_tz="Europe/Berlin")
    found = {one["integration_id"]: one["created_at"] for one in rows(local, "sessions")}
    assert found == dict.fromkeys(GOODS, "2024-03-01T10:00:00Z") | {"S-1": "2024-03-01T09:00:00Z"}


@pytest.mark.parametrize(("form", "text"), [("%m/%d/%Y %H:%M", "13/01/2024 10:00")])
def test_a_time_of_another_form_than_told_is_refused(form: str, text: str) -> None:
    tables = read(written(*among(row("S-1", created=text))), date_format=form)
    assert ids(tables) == GOODS
    assert [each[:2] for each in told(tables)] == [("bad-instant", "created")]


# pandas

PYTHON = "a Python dictionary as text (write such cells with json.dumps)"


def test_dictionaries_that_pandas_wrote_are_named_and_never_run() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        [
            GOOD | {"integrationid": "good"},
            GOOD
            | {
                "integrationid": "python",
                "cartitems": [item(name="O'Neil", new=True, gift=None)],
                "attributes": {"a": 1.5},
                "discounts": {"x": 1},
            },
            GOOD | {"integrationid": "code", "attributes": "__import__('os').abort()"},
            GOOD | {"integrationid": "empty", "cartitems": [], "attributes": {}, "referral": None},
        ]
    )
    text = io.StringIO()
    frame.to_csv(text)
    tables = read(text.getvalue())
    assert ids(tables) == ["empty", "good"]
    found = told(tables)
    assert {each for each in found if each[2] == PYTHON} == {
        ("not-json", column, PYTHON) for column in ("cartitems", "attributes", "discounts")
    }
    assert [each[:2] for each in found if each[2] != PYTHON] == [("not-json", "attributes")]


def test_what_pandas_wrote_with_json_dumps_is_the_same_again() -> None:
    pandas = pytest.importorskip("pandas")
    given = among(FULL)
    frame = pandas.DataFrame(given)
    text = io.StringIO()
    frame.to_csv(text, index=False)
    assert same(read(written(*given)), read(text.getvalue()))
    again = io.StringIO()
    text.seek(0)
    pandas.read_csv(text, dtype=str, keep_default_na=False).to_csv(again, index=False, sep=";")
    assert same(read(written(*given)), read(again.getvalue()))
