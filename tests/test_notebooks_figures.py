"""What the notebooks show equals plain Python's answers, and their texts say those figures."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
import pytest

import sessionkit as sk
from sessionkit.generate import generate
from tests import oracle, oracle_audits, oracle_codes, oracle_customers, oracle_stacks
from tests import oracle_effects as effects
from tests import oracle_states as histories
from tests.notebooks import HOME, ROOT, Marks, Seen
from tests.oracle_facts import STATES, Question

Row = dict[str, Any]
CURRENCIES = {270: "EUR", 322: "USD", 415: "JPY"}
ALL = (None, None)
WEEK = timedelta(days=7)
RATIOS = re.compile(r"(share|rate|penetration|depth|retention)$|^from_")


@cache
def cells(name: str) -> list[Any]:
    return list(nbformat.read(HOME / f"{name}.ipynb", 4).cells)


def shown(name: str, caption: str, place: int = 0) -> list[dict[str, str]]:
    """The rows of a table of a notebook: of those with that caption, the first, second, third."""
    found = [
        rows
        for cell in cells(name)
        for output in cell.get("outputs", ())
        for title, rows in Seen(output.get("data", {}).get("text/html", "")).tables.items()
        if re.fullmatch(rf"{caption}: \d+ rows?", title)
    ]
    heads, *rows = found[place]
    return [dict(zip(heads, row, strict=True)) for row in rows]


def marks(name: str, place: int = 0) -> str:
    """What the marks of a chart of a notebook say."""
    charts = [
        output.data["image/svg+xml"]
        for cell in cells(name)
        for output in cell.get("outputs", ())
        if "image/svg+xml" in output.get("data", {})
    ]
    return "\n".join(Marks(charts[place]).told)


def told(name: str, *sentences: str) -> None:
    """The text of a notebook says so, wherever its lines break."""
    source = " ".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")
    text = " ".join(re.sub(r"[*`]|\n- ", " ", source).split())
    for sentence in sentences:
        assert sentence in text, sentence


def written(name: str, value: Any) -> str:
    """A figure as a notebook shows it."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:,.2f}"
        case int() if not name.endswith("_id"):
            return f"{value:,}"
        case float() if name.endswith("_seconds"):
            return length(value)
        case float():
            return f"{value * 100:,.2f}%" if RATIOS.search(name) else f"{value:,.2f}"
    return str(value).replace("\n", " ")


def length(seconds: float) -> str:
    for most, unit, size in ((60, "s", 1), (3_600, "min", 60), (172_800, "h", 3_600)):
        if seconds < most:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds / 86_400:,.1f}".removesuffix(".0") + " days"


def check(found: list[dict[str, str]], plain: list[Row]) -> None:
    """Every cell that is shown is what plain Python says."""
    assert len(found) == len(plain)
    for mine, other in zip(found, plain, strict=True):
        assert mine == {name: written(name, other[name]) for name in mine}


def two(value: Any) -> str:
    return f"{value:,.2f}"


def percent(value: float) -> str:
    return f"{value * 100:.2f}%"


@pytest.fixture(scope="module")
def tables() -> Mapping[str, pa.Table]:
    return dict(sk.read(ROOT / "data"))


@pytest.fixture(scope="module")
def known(tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
    """The bundled tables with the discounts that only effects tell."""
    return effects.with_discounts_told(tables, None)


# --- 01


def raw() -> dict[str, list[Any]]:
    """The bundled files, read without the package."""
    data = ROOT / "data"
    csv.field_size_limit(1 << 30)
    with (data / "sessions_export.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = {
        name: (data / name).read_text(encoding="utf-8").strip("\n").split("\n")
        for name in ("v1_sessions.jsonl", "v2_responses.jsonl", "session_list.json")
    }
    pages = [json.loads(line) for line in read["session_list.json"]]
    return {
        "v1": [json.loads(line) for line in read["v1_sessions.jsonl"]],
        "v2": [json.loads(line) for line in read["v2_responses.jsonl"]],
        "csv": rows,
        "list": [one for page in pages for one in page["data"]],
    }


def test_the_first_look_counts_what_is_in_the_files(tables: Mapping[str, pa.Table]) -> None:
    files = raw()
    keys = {(r["applicationId"], r["integrationId"]) for r in files["v1"] + files["list"]}
    keys |= {(int(r["applicationid"]), r["integrationid"]) for r in files["csv"]}
    sessions = [one["customerSession"] for one in files["v2"]]
    keys |= {(one["applicationId"], one["integrationId"]) for one in sessions}
    bad = {one["integrationId"] for one in files["v1"] if isinstance(one["total"], str)}
    good = {key for key in keys if key[1] not in bad}
    records = sum(map(len, files.values()))
    largest = Counter(application for application, _ in good).most_common(1)[0]
    told(
        "01_first_look",
        f"{records} records became {len(good)} sessions",
        f"and {len(bad)} could not be taken in",
        f"the largest with {largest[1]} sessions",
        f"It is {len(bad)} of {len(files['v1'])} records",
    )
    assert largest[0] == 270
    repeats, older = (int(n) for n in re.findall(r"(\d+) (?:told the|an older)", prose_of("01")))
    assert records == len(good) + repeats + older + len(bad)


def prose_of(number: str) -> str:
    [path] = HOME.glob(f"{number}_*.ipynb")
    return " ".join(c.source for c in cells(path.stem) if c.cell_type == "markdown")


def test_the_first_look_names_the_findings_that_matter(tables: Mapping[str, pa.Table]) -> None:
    found = oracle_audits.findings(tables)
    counts = Counter((row["rule"], row["severity"]) for row in found)
    listed = len(raw()["list"])
    over = [row for row in found if row["rule"] == "discount-exceeds-total"]
    yen = [row for row in over if row["application_id"] == 415]
    told(
        "01_first_look",
        f"Most of the {len(found) + listed} do not.",
        f"that is {listed} of them",
        f"{counts['total-reconciles', 'info']} are information only",
        f"That leaves {len(over)} + {counts['total-reconciles', 'warning']} warnings.",
        f"{len(yen)} of the {len(over)} sessions that got more off",
        f"the overshoot of up to {max(row['amount'] for row in yen):f}".rstrip("0").rstrip("."),
    )


def test_the_first_look_adds_up(known: Mapping[str, pa.Table]) -> None:
    name = "01_first_look"
    plain = oracle.totals(known, Question(by=("currency",), currencies=CURRENCIES))
    check(shown(name, "totals"), plain)
    euro, yen, dollar = plain
    told(
        name,
        f"In euros it is {two(euro['avg_session_value'])} a session, "
        f"the median {two(euro['median_session_value'])};",
        f"{euro['discount_known_count']} of {euro['session_count']} completed sessions in euros "
        f"tell theirs, {dollar['discount_known_count']} of {dollar['session_count']} in dollars",
    )
    assert yen["avg_session_value"] > 2 * yen["median_session_value"]
    months = oracle.totals(known, Question(by=("currency", "month"), currencies=CURRENCIES))
    for row in months:
        month = row["month"].isoformat()[:7]
        exact = f"{row['gross_total']:,.2f}".removesuffix("0").removesuffix(".0")
        mark = f"month: {month}; gross_total: {exact}; currency: {row['currency']}"
        assert mark in marks(name), mark
    best = max(months[:4], key=lambda row: row["gross_total"])
    assert (best["currency"], best["month"].month) == ("EUR", 3)
    assert best["session_count"] == max(row["session_count"] for row in months[:4])
    told(name, f"In euros March was best , with {two(best['gross_total'])}")


# --- 02


def test_states_and_funnel(tables: Mapping[str, pa.Table]) -> None:
    name, asked = "02_states_and_funnel", Question(population=STATES)
    created, closed, kept = plain = histories.funnel(tables, asked)
    check(shown(name, "funnel"), plain)
    check(shown(name, "funnel", 1), histories.funnel(tables, asked, WEEK))
    by = Question(by=("customer_type",), population=STATES)
    types = histories.funnel(tables, by)
    check(shown(name, "funnel", 2), types)
    ends = Question(population=STATES, currencies=dict.fromkeys(CURRENCIES, "EUR"))
    outcomes = histories.outcomes(tables, ends, WEEK)
    check(shown(name, "outcomes"), outcomes)
    counts = {row["outcome"]: row["session_count"] for row in outcomes}
    told(
        name,
        f"Of {created['reached']} sessions {closed['reached']} were closed for certain, "
        f"{percent(closed['from_first'])}. For {closed['unknown']} more it cannot be told",
        f"of the {closed['reached']} closed ones {kept['reached']} were kept, "
        f"{percent(kept['from_previous'])} ({kept['partially_returned']} of those with something",
        f"and {kept['dropped']} were cancelled later",
        f"of the {closed['in_progress']} open sessions {counts['idle']} have lain idle",
        f"{counts['in_progress']} are in progress. So {outcomes[0]['abandoned']} sessions are "
        f"abandoned, {counts['idle']} idle and {counts['cancelled_open']} cancelled while open",
        f"({closed['observed']} closings were observed, {closed['inferred']} inferred)",
    )
    new, nobody = types[4], types[1]
    assert (new["customer_type"], nobody["customer_type"]) == ("new", "anonymous")
    ranges = [f"{percent(r['from_first'])} to {percent(r['from_first_high'])}" for r in types]
    told(name, f"close least, {ranges[4]}, and anonymous ones most, {ranges[1]}.")


def test_times_and_transitions(tables: Mapping[str, pa.Table]) -> None:
    name = "02_states_and_funnel"
    times = histories.time_to_close(tables, Question(by=("application_id",), population=STATES))
    check(shown(name, "time_to_close"), times)
    timed = {row["application_id"]: row["timed_count"] for row in times}
    assert timed == {270: sum(timed.values()), 322: 0, 415: 0}
    told(name, f"All {timed[270]} of these times are from shop 270")
    asked = Question(population=STATES, currencies=dict.fromkeys(CURRENCIES, "EUR"))
    steps = [row for row in histories.transitions(tables, asked) if row["from_state"] != "(none)"]
    assert steps
    for row in steps:
        ends = f"from_state: {row['from_state']}; shown: {row['session_count']:,}"
        assert re.search(rf"to_state: {row['to_state']}; {ends}|{ends}", marks(name, 2)), ends


# --- 03


def test_discounts(known: Mapping[str, pa.Table]) -> None:
    name = "03_discounts_and_coupons"
    asked = {"currencies": CURRENCIES, "empty_is_none": (270, 415)}
    euro, yen, dollar = plain = oracle.totals(known, Question(by=("currency",), **asked))
    check(shown(name, "totals"), plain)
    coupons = oracle.totals(known, Question(by=("currency", "has_coupon"), **asked))
    check(shown(name, "totals", 1), coupons)
    labels = oracle.discount_summary(known, Question(by=("currency", "base_label"), **asked))
    check(shown(name, "discount_summary"), labels)
    share = {(row["currency"], row["base_label"]): percent(row["share"]) for row in labels}
    told(
        name,
        f"gave {two(euro['discount_total'])} away, {percent(euro['discount_rate'])} of what",
        f"on {percent(euro['discount_penetration'])} of them; the yen shop "
        f"{percent(yen['discount_rate'])} on {percent(yen['discount_penetration'])}",
        f"{dollar['session_count'] - dollar['discount_known_count']} of "
        f"{dollar['session_count']} sessions keep their secret",
        f"are {share['EUR', 'Coupon, thanks']} and {share['EUR', 'Summer 10%']} in euros",
        f"{share['USD', 'Member price']} and {share['USD', 'WELCOME']} in dollars",
        f"alone is {share['JPY', '夏のセール']}",
        f"with a code got {percent(coupons[1]['discount_rate'])} off, those without "
        f"{percent(coupons[0]['discount_rate'])}",
    )


def test_depths_and_codes(known: Mapping[str, pa.Table], tables: Mapping[str, pa.Table]) -> None:
    name = "03_discounts_and_coupons"
    asked = {"currencies": CURRENCIES, "empty_is_none": (270, 415)}
    depths = oracle_stacks.discount_depth(known, Question(by=("currency",), **asked))
    count = {(row["currency"], row["band"]): row["session_count"] for row in depths}
    discounted = sum(
        n for (one, band), n in count.items() if one == "EUR" and re.search(r"\d %", band)
    )
    told(
        name,
        f"of {discounted} discounted sessions {count['EUR', '0–5 %'] + count['EUR', '5–10 %']} "
        "got at most 10% off",
        f"In dollars {count['USD', '> 100 %']} sessions, in yen {count['JPY', '> 100 %']}, have",
    )
    assert count["EUR", "> 100 %"] == 0
    for (currency, band), n in count.items():
        mark = f"band: {band}; session_count: {n}; series: {currency}"
        assert mark in marks(name, 1), mark
    closing = histories.funnel(tables, Question(by=("has_coupon",), population=STATES))
    check(shown(name, "funnel"), closing)
    told(name, f"{percent(closing[4]['from_first'])} of the sessions with a code closed")
    euro = Question(where={"application_id": [270]}, population=STATES, **asked)
    codes = oracle_codes.coupon_summary(known, euro, pattern="^(BDAY|SORRY|VIP26)")
    check(shown(name, "coupon_summary"), codes)


# --- 04


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pa.Table]:
    home: Path = tmp_path_factory.mktemp("made")
    dialects = ["csv_export", "effects_export", "v2_response"]
    generate(home, sessions=1200, seed=2026, dialects=dialects)
    return dict(sk.read(home / "dumps"))


def test_campaigns_and_customers(made: Mapping[str, pa.Table]) -> None:
    name = "04_campaigns_and_customers"
    asked = {"where": {"application_id": [270]}, "currencies": CURRENCIES, "guests": "^guest-"}
    plain = effects.campaign_summary(made, Question(total_row=True, **asked), ALL)
    check(shown(name, "campaign_summary"), plain)
    known = effects.with_discounts_told(made, ALL)
    customers = oracle_customers.customer_summary(known, Question(**asked))
    check(shown(name, "customer_summary"), customers)
    one, everyone = plain[0], plain[-1]
    assert {row["residual"] for row in plain} == {Decimal(0)}
    new, returning, _, nobody = customers
    told(
        name,
        f"{two(one['discount_total'])} of {two(everyone['discount_total'])}",
        f"{everyone['session_count']} different sessions, worth {two(everyone['gross_total'])},",
        f"with {percent(returning['discount_rate'])} off, new ones with "
        f"{percent(new['discount_rate'])}, and those nobody knows with "
        f"{percent(nobody['discount_rate'])}",
        f"{new['always_discounted_count']} of {new['customer_count']} new customers, and "
        f"{returning['always_discounted_count']} of {returning['customer_count']} returning",
    )
    simple: Counter[str] = Counter()
    completed = {
        row["integration_id"]
        for row in made["sessions"].to_pylist()
        if row["application_id"] == 270 and row["state"] in ("closed", "partially_returned")
    }
    for row in made["effects"].to_pylist():
        if row["application_id"] == 270 and row["integration_id"] in completed:
            simple[row["effect_type"]] += row["value"] or 0
    carts, items = two(simple["setDiscount"]), two(simple["setDiscountPerItem"])
    told(name, f"come to {carts} on carts and {items} on items: almost twice the truth.")
    assert simple["setDiscount"] + simple["setDiscountPerItem"] < 2 * everyone["discount_total"]


def test_those_who_come_back(made: Mapping[str, pa.Table]) -> None:
    name = "04_campaigns_and_customers"
    asked = {"where": {"application_id": [270]}, "currencies": CURRENCIES, "guests": "^guest-"}
    cohorts = oracle_customers.cohort_retention(made, Question(**asked), "month", began=False)
    for row in cohorts:
        if row["retention"] is not None:
            mark = f"age: {row['age']}; cohort: {row['cohort']}; shown: {percent(row['retention'])}"
            assert mark in marks(name, 1), mark
    first = [percent(row["retention"]) for row in cohorts if row["age"] == 1 and row["retention"]]
    told(name, f"in January {first[0]} bought again in the month after, then {first[1]}, then")
    scores = oracle_customers.rfm(made, Question(**asked), "gross")
    pairs = Counter((row["recency_score"], row["frequency_score"]) for row in scores)
    for (recency, frequency), n in pairs.items():
        mark = f"frequency_score: {frequency}; recency_score: {recency}; shown: {n}"
        assert mark in marks(name, 2), mark
    told(name, f"{pairs[1, 1]} customers bought once and long ago", f"{pairs[5, 1]} bought once")


# --- 05 and 06


def test_the_store_was_fed_what_the_files_say() -> None:
    updated = [one["updated"][:10] for one in raw()["v1"]]
    updated += [one["updated"][:10] for one in raw()["csv"]]
    for place, row in enumerate(shown_plain("05_store_and_daily_loads")[:6]):
        night = row["night"]
        before = "2026-01-01" if place == 0 else f"2026-02-{int(night[-2:]) - 1}"
        assert int(row["records"]) == sum(before <= one <= night for one in updated)
        parts = ("new", "changed", "repeated", "older", "rejected")
        assert int(row["records"]) == sum(int(row[one]) for one in parts)


def shown_plain(name: str) -> list[dict[str, str]]:
    return [*shown(name, "loads"), *shown(name, "loads", 1)]


def test_the_last_load_brings_the_rest() -> None:
    *nights, last = shown_plain("05_store_and_daily_loads")
    new = sum(int(row["new"]) for row in nights)
    assert new + int(last["new"]) == 400
    told(
        "05_store_and_daily_loads",
        f"{last['new']} sessions are new, and {last['repeated']} records were known",
        "made on the 16th at 16:35 and bought the next day at 12:34",
    )


def test_settings_change_what_they_say(known: Mapping[str, pa.Table]) -> None:
    name = "06_bring_your_own_dump"
    asked = Question(
        by=("application_id", "currency"), currencies=CURRENCIES, guests="^guest-",
        empty_is_none=(270, 415), tz="Europe/Berlin",
    )  # fmt: skip
    plain = oracle.totals(known, asked)
    shops = ("270 Shop Germany", "322 Shop USA", "415 Shop Japan")
    for row, shop in zip(plain, shops, strict=True):
        row["application_id"] = shop
    check(shown(name, "totals"), plain)
    told(
        name,
        f"Shop 270 has {plain[0]['customer_count']} customers",
        f"a discount rate of {percent(plain[0]['discount_rate'])},",
    )
