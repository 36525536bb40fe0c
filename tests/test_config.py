"""Settings: one file for what holds in all commands and questions of a place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import sessionkit as sk
from sessionkit import config
from sessionkit.cli import main
from sessionkit.errors import UsageError
from sessionkit.session_tables import SessionTables
from tests.asking import at, source
from tests.literal_dumps import CLOSED, THREE, write_lines


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    """No settings hold before a test, nor after it."""
    sk.configure(None)
    yield
    sk.configure(None)


def written(here: Path, text: str, name: str = "sessionkit.toml") -> Path:
    path = here / name
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path, **env: str) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=env)


def rows_of(ended: Result) -> list[dict[str, Any]]:
    assert ended.exit_code == 0, ended.stderr
    rows: list[dict[str, Any]] = json.loads(ended.stdout)
    return rows


ALL = """
tz = "Europe/Berlin"
guests = "^guest-"
currencies = "EUR"
dialect = "v1_session"
assume_tz = "Asia/Tokyo"
date_format = "%d.%m.%Y %H:%M"
state_numbers = "four"
effects_complete = "2026-01-01..2026-04-01"

[applications]
270 = "Shop Germany"

[empty_discounts]
270 = "zero"

[total_basis]
322 = "after_discounts"

[attributes]
Channel = "string"

[item_attributes]
color = "list"
"""


def test_every_key_is_read(here: Path) -> None:
    settings = config.settings_of(written(here, ALL))
    assert settings.values == {
        "tz": "Europe/Berlin", "guests": "^guest-", "currencies": "EUR", "dialect": "v1_session",
        "assume_tz": "Asia/Tokyo", "date_format": "%d.%m.%Y %H:%M", "state_numbers": "four",
        "effects_complete": "2026-01-01..2026-04-01",
        "applications": {270: "Shop Germany"}, "empty_discounts": {270: "zero"},
        "total_basis": {322: "after_discounts"}, "attributes": {"Channel": "string"},
        "item_attributes": {"color": "list"},
    }  # fmt: skip
    assert settings.values.keys() == config._CHECKED.keys()
    assert settings.applications == {270: "Shop Germany"}


# ---- what is wrong with a file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tz = 5", "tz: expected a time zone such as UTC or Europe/Berlin, got 5."),
        ("tz = 'Berlin'", "tz: expected a time zone such as UTC or Europe/Berlin, got 'Berlin'."),
        ("guests = true", "guests: expected a text, got true."),
        ("guests = ''", "guests: expected a text, got ''."),
        ("currencies = 1", "currencies: expected a code such as 'EUR', got 1."),
        ("currencies.270 = 1", "currencies.270: expected a code such as 'EUR', got 1."),
        ("currencies.x = 'EUR'", "currencies: expected the number of an application, got 'x'."),
        ("empty_discounts.270 = 'none'", "empty_discounts.270: expected 'zero', got 'none'."),
        ("total_basis = 'x'", "total_basis: expected a table by application, got 'x'."),
        ("total_basis.270 = 'net'", "total_basis.270: expected 'after_discounts' or 'before_"),
        ("applications.270 = ['a']", "applications.270: expected a text, got ['a']."),
        ("state_numbers = 4", "state_numbers: expected 'three' or 'four', got 4."),
        ("dialect = 'csv'", "dialect: unknown dialect 'csv'. There are: "),
        ("curencies = 'EUR'", "unknown key 'curencies'. Did you mean 'currencies'? There are: "),
        ("effects_complete = 1", "effects_complete: expected true, or a time such as '2026-01"),
        ("effects_complete = false", "effects_complete: expected true, or a time such as"),
        ("effects_complete = 'May..'", "effects_complete: expected true, or a time such as"),
        ("effects_complete = '2026-01-01'", "effects_complete: expected true, or a time such as"),
        ("attributes = 'string'", "attributes: expected a table by attribute, got 'string'."),
        ("attributes.Big = 'text'", "attributes.Big: expected 'string' or 'number' or 'boolean'"),
        ("item_attributes.x = 1", "item_attributes.x: expected 'string' or 'number' or 'boolean'"),
        ("tz = ", "no valid TOML: Invalid value (at end of document)."),
        (f"tz = {'1' * 5000}", "no valid TOML: Exceeds the limit (4300 digits)"),
        (f"a = {'[' * 4000}", "no valid TOML: "),
        (f"tz = 0x{'f' * 4000}", "tz: expected a time zone such as UTC or Europe/Berlin, got too"),
        (f"tz{'.a' * 3000} = 1", "tz: expected a time zone such as UTC or Europe/Berlin, got "),
        (f"applications.{'1' * 5000} = 'x'", "applications: expected the number of an applicat"),
        ("dialect = []", "dialect: unknown dialect"),
        ("dialect.x = 1", "dialect: unknown dialect"),
        (f"attributes.{'x' * 5000} = 1", "attributes.'xxx"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_file_and_key(text: str, said: str, here: Path) -> None:
    written(here, text)
    with pytest.raises(UsageError) as caught:
        sk.configure("sessionkit.toml")
    assert str(caught.value).startswith(f"sessionkit.toml: {said}")
    ended = run("totals", "no-such-dump")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"Error: sessionkit.toml: {said}")
    assert len(ended.stderr.splitlines()) == 1
    assert len(ended.stderr) < 600


def test_a_file_that_is_not_there_or_no_text_is_told(here: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.toml: No such file or directory\."):
        sk.configure("no.toml")
    (here / "other.toml").write_bytes(b"tz = '\xff'")
    with pytest.raises(UsageError, match=r"other\.toml: no text in UTF-8\."):
        sk.configure(here / "other.toml")
    with pytest.raises(UsageError):
        sk.configure(here)


def test_a_faulty_file_leaves_what_held(here: Path) -> None:
    sk.configure(written(here, "tz = 'Asia/Tokyo'"))
    with pytest.raises(UsageError):
        sk.configure(written(here, "tz = 5", "bad.toml"))
    assert config.current().values == {"tz": "Asia/Tokyo"}


# ---- from Python


def test_python_reads_no_file_by_itself(here: Path) -> None:
    written(here, "currencies = 'EUR'")
    assert config.current() == config.Settings()
    assert repr(sk.configure()) == "Settings(sessionkit.toml: currencies)"
    assert sk.configure(None) == config.Settings()


def test_the_environment_names_another_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(here, "tz = 'Asia/Tokyo'")
    monkeypatch.setenv("SESSIONKIT_CONFIG", str(written(here, "guests = 'x'", "other.toml")))
    assert sk.configure().values == {"guests": "x"}


def test_a_question_takes_what_is_set_and_what_is_given_goes_before(here: Path) -> None:
    table = source(
        {"created_at": at("2024-03-31T23:30"), "profile_id": "guest-1", "total": Decimal(5)}
    )
    text = "tz = 'Europe/Berlin'\nguests = '^guest-'\ncurrencies = 'EUR'"
    ask = {"by": ["month", "customer_type", "currency"]}
    sk.configure(written(here, text))
    (row,) = sk.totals(table, **ask).table.to_pylist()
    assert (str(row["month"]), row["customer_type"], row["currency"]) == (
        "2024-04-01", "anonymous", "EUR",
    )  # fmt: skip
    given = {"tz": "UTC", "guests": "^nobody", "currencies": "USD"}
    (row,) = sk.totals(table, **ask, **given).table.to_pylist()
    assert (str(row["month"]), row["currency"]) == ("2024-03-01", "USD")
    assert row["customer_type"] != "anonymous"
    sk.configure(None)
    (row,) = sk.totals(table, **ask).table.to_pylist()
    assert (str(row["month"]), row["currency"]) == ("2024-03-01", None)


def test_what_is_given_of_one_application_leaves_the_settings_of_others(here: Path) -> None:
    two = source(
        {"application_id": 1, "integration_id": "a"}, {"application_id": 2, "integration_id": "b"}
    )
    sk.configure(written(here, "[currencies]\n1 = 'EUR'\n2 = 'USD'"))
    found = sk.totals(two, by=["application_id", "currency"], currencies={2: "GBP"}).table
    codes = dict(
        zip(found["application_id"].to_pylist(), found["currency"].to_pylist(), strict=True)
    )
    assert codes == {1: "EUR", 2: "GBP"}


def test_empty_discounts_and_total_basis_reach_the_questions(here: Path) -> None:
    table = source(
        {"discounts_known": None, "total": Decimal(10)},
        {"discounts_known": True, "discount_total": Decimal(2), "total": Decimal(8)},
    )
    sk.configure(
        written(here, "[empty_discounts]\n1 = 'zero'\n[total_basis]\n1 = 'after_discounts'")
    )
    (row,) = sk.totals(table).table.to_pylist()
    assert (row["discount_ambiguous_count"], row["gross_total"]) == (0, Decimal(20))


def test_effects_that_are_complete_reach_questions_and_commands(here: Path) -> None:
    sent = {"event_id": 1, "event_type": "talon_session_closed", "effect_type": "setDiscount"}
    table = source(
        *({"discounts_known": False, "created_at": at(f"2024-0{n}-05")} for n in (1, 2, 3)),
        effects=[{"of": "a", "created_at": at("2024-01-05"), "label": "Tea", "value": 1} | sent],
    )
    SessionTables.of(table).write("out")

    def known() -> int:
        return int(sk.totals(table).table["discount_known_count"][0].as_py())

    assert known() == 0
    for text, count in (("'2024-03-01..'", 1), ("true", 3), ("'all'", 3)):
        sk.configure(written(here, f"effects_complete = {text}"))
        assert known() == count
        told = run("totals", "out", "--format", "json", "-q")
        assert [row["discount_known_count"] for row in rows_of(told)] == [count]
    assert sk.totals(table, effects_complete=False).table["discount_known_count"].to_pylist() == [0]
    told = run("totals", "out", "--no-config", "--format", "json", "-q")
    assert [row["discount_known_count"] for row in rows_of(told)] == [0]


TYPED = CLOSED | {
    "attributes": {
        "Channel": "web", "Visits": "3", "Gift": True, "Day": "2026-01-31", "At": "soon",
        "Tags": ["a"], "Place": {"x": 1}, "Other": 5, "Nothing": None,
    },
    "cartItems": [
        {"sku": "tea", "quantity": 1, "price": 1, "attributes": {"Channel": 1}},
        {"sku": "cup", "quantity": 1, "price": 1, "attributes": {"Channel": ["x"], "Visits": 1}},
    ],
}  # fmt: skip
TYPES = """
attributes = {Channel = "string", Visits = "number", Gift = "boolean", Day = "time", At = "time",\
 Tags = "list", Place = "object", Nothing = "number", Absent = "list"}
item_attributes = {Channel = "list"}
""".replace("\\\n", "")


def test_attributes_of_another_type_are_findings_however_they_are_read(here: Path) -> None:
    dump = write_lines(here / "typed.jsonl", TYPED)

    def odd(findings: pa.Table) -> list[tuple[str, ...]]:
        rows = [row for row in findings.to_pylist() if row["rule"] == "attribute-type"]
        assert all(row["severity"] == "warning" for row in rows)
        assert all((row["integration_id"], row["source_record"]) == ("S-1", 1) for row in rows)
        return [(row["path"], row["expected"], row["seen"]) for row in rows]

    assert odd(sk.read(dump).findings) == []
    sk.configure(written(here, TYPES))
    found = [
        ("attributes.At", "a time such as 2026-01-31T09:05:27Z", '"soon"'),
        ("attributes.Visits", "a number", '"3"'),
        ("cartItems[0].attributes.Channel", "a list", "1"),
    ]
    assert odd(sk.read(dump).findings) == found
    with sk.Store(here / "s.duckdb") as store:
        store.load(dump)
        kept = store.connection().sql("from findings").to_arrow_table()
        assert sorted(odd(kept)) == sorted(found)
    folder = sk.to_folder(dump, output=here / "out")
    assert odd(pq.read_table(folder / "findings.parquet")) == found
    ended = run("check", dump, "--fail-on", "warning")
    assert ended.exit_code == 1
    assert "attribute-type (warning): 3 findings; An attribute is of another type" in ended.stdout
    assert "attribute-type" not in run("check", dump, "--no-config").stdout


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("string", ["", "3"], [3, True, ["a"], {}]),
        ("number", [0, 1.5], ["1", False]),
        ("boolean", [True, False], ["true", 1]),
        ("list", [[], [1]], ["[]", {}]),
        ("object", [{}], [[], "{}"]),
        (
            "time",
            ["2026-01-31", "2026-01-31T09:05:27Z", "2026-01-31 09:05:27.123+07:00"],
            ["31.01.2026", "", 20260131, "2026-01-31T", "2026-01-31T09:05:27Z, perhaps"],
        ),
    ],
)
def test_what_is_of_a_type_and_what_is_not(
    type: str, good: list[Any], bad: list[Any], here: Path
) -> None:
    sk.configure(written(here, f"attributes.A = {type!r}"))
    values = [*good, *bad, None]
    sessions = (
        CLOSED | {"integrationId": f"S-{n}", "attributes": {"A": value}}
        for n, value in enumerate(values)
    )
    findings = sk.read(write_lines(here / "typed.jsonl", *sessions)).findings.to_pylist()
    odd = {row["integration_id"] for row in findings if row["rule"] == "attribute-type"}
    assert odd == {f"S-{n}" for n in range(len(good), len(values) - 1)}


def test_reading_takes_what_is_set(here: Path) -> None:
    dump = write_lines(here / "d.jsonl", CLOSED | {"created": "2026-01-31T09:05:27", "state": 2})
    assert sk.read(dump).sessions.num_rows == 0
    sk.configure(written(here, "assume_tz = 'Asia/Tokyo'\nstate_numbers = 'three'"))
    read = sk.read(dump).sessions
    assert read["created_at"][0].as_py() == at("2026-01-31T00:05:27")
    assert read["state"].to_pylist() == ["closed"]
    assert sk.read(dump, assume_tz="UTC").sessions["created_at"][0].as_py() == at(
        "2026-01-31T09:05:27"
    )


def test_names_of_applications_are_for_people_only(here: Path) -> None:
    answer = sk.states(source({"application_id": 1}, {"application_id": 2}))
    sk.configure(written(here, "[applications]\n1 = '<b>Shop</b>'"))
    assert "1 <b>Shop</b>" in answer.to_text()
    assert "1 &lt;b&gt;Shop&lt;/b&gt;" in answer._repr_html_()
    assert answer.chart().to_dict()["data"]["values"][0]["series"] == "1 <b>Shop</b>"
    assert json.loads(answer.to_json())[0]["application_id"] == 1
    assert answer.to_csv().splitlines()[1].startswith("1,")


# ---- commands


@pytest.fixture
def dump(here: Path) -> Path:
    return write_lines(here / "three.jsonl", *THREE)


def currency(*options: str | Path, **env: str) -> Any:
    rows = rows_of(
        run("totals", "three.jsonl", "--by", "currency", "--format", "json", *options, **env)
    )
    return rows[0]["currency"]


def test_a_command_takes_the_file_where_it_is_run(dump: Path, here: Path) -> None:
    assert currency() is None
    written(here, "currencies = 'EUR'")
    assert currency() == "EUR"
    assert currency("--currency", "USD") == "USD"
    assert currency("--no-config") is None


def test_an_option_goes_before_the_environment_and_that_before_the_folder(
    dump: Path, here: Path
) -> None:
    written(here, "currencies = 'EUR'")
    variable = written(here, "currencies = 'USD'", "variable.toml")
    option = written(here, "currencies = 'GBP'", "option.toml")
    assert currency(SESSIONKIT_CONFIG=str(variable)) == "USD"
    assert currency("--config", option, SESSIONKIT_CONFIG=str(variable)) == "GBP"
    ended = run("totals", dump, "--config", "gone.toml")
    assert ended.exit_code == 2
    assert "gone.toml: No such file or directory." in ended.stderr


def test_settings_end_with_the_command(dump: Path, here: Path) -> None:
    written(here, "currencies = 'EUR'")
    assert currency() == "EUR"
    assert config.current() == config.Settings()
    sk.configure(written(here, "currencies = 'USD'", "mine.toml"))
    assert run("totals", dump, "--no-such-option").exit_code == 2
    assert config.current().values == {"currencies": "USD"}


def test_a_command_says_which_settings_hold_unless_quiet(dump: Path, here: Path) -> None:
    written(here, "tz = 'Asia/Tokyo'\ncurrencies = 'EUR'")
    for command in (["totals"], ["check"], ["report"], ["flatten", "-o", "out"]):
        ended = run(*command, dump)
        told = [line for line in ended.stderr.splitlines() if line.startswith("settings")]
        assert told == ["settings: sessionkit.toml (tz, currencies)"], command
        assert "settings" not in run(*command, dump, "-q").output


def test_every_command_that_reads_takes_settings(dump: Path, here: Path) -> None:
    written(here, "tz = 5")
    for name, command in main.commands.items():
        options = {one for param in command.params for one in param.opts}
        assert ("--config" in options) == (name not in ("generate", "completion")), name


def test_a_load_reads_by_the_settings(here: Path) -> None:
    dump = write_lines(here / "d.jsonl", CLOSED | {"created": "2026-01-31T09:05:27"})
    assert run("load", dump, "--store", "s.duckdb").exit_code == 1
    written(here, "assume_tz = 'Asia/Tokyo'")
    assert run("load", dump, "--store", "s.duckdb").exit_code == 0
    ended = run("sql", "s.duckdb", "select created_at from sessions", "--format", "json", "-q")
    assert rows_of(ended) == [{"created_at": "2026-01-31T00:05:27Z"}]


def test_the_page_is_made_by_the_settings(dump: Path, here: Path) -> None:
    written(here, "currencies = 'XTS'")
    assert run("report", dump, "-o", "page.html").exit_code == 0
    assert "XTS" in (here / "page.html").read_text(encoding="utf-8")


def test_a_page_made_in_python_is_made_by_the_settings_too(dump: Path, here: Path) -> None:
    sk.configure(written(here, "currencies = 'XTS'\ntz = 'Asia/Tokyo'"))
    tables = sk.read(dump)
    sk.report(tables, "set.html")
    sk.configure(None)
    sk.report(tables, "given.html", currencies="XTS", tz="Asia/Tokyo")
    assert (here / "set.html").read_bytes() == (here / "given.html").read_bytes()
