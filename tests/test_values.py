"""Taking one value: exactly, or refused with what was expected and what was there."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionkit.decode import Number, decode
from sessionkit.lifecycle import STATE_NUMBERS, STATES
from sessionkit.values import Reading, Unfit, described, flag, instant, money, state, text, whole

N = Number
PLAIN = Reading()
NEW_YORK = Reading(assume_tz=ZoneInfo("America/New_York"))


def tree(json_text: str) -> Any:
    return decode(json_text.encode())


@pytest.mark.parametrize(
    ("written", "amount", "rounded"),
    [
        ("1850.00", "1850", False),
        ("0", "0", False),
        ("-0.0", "0", False),
        ("-12.5", "-12.5", False),
        ("1.5e3", "1500", False),
        ("33.333333333333336", "33.333333333333336", False),
        ("12345678901234567890.123456789012345678", None, False),
        ("-99999999999999999999.999999999999999999", None, False),
        ("0.000000000000000001", "1e-18", False),
        ("1e-19", "0", True),
        ("-1e-400", "0", True),
        ("0.0000000000000000005", "0", True),
        ("0.0000000000000000015", "2e-18", True),
        ("0.00000000000000000050000000000000000000000001", "1e-18", True),
        ("2.5000000000000000000000", "2.5", False),
        ("131072.015625", "131072.015625", False),
    ],
)
def test_money_is_exact_and_rounded_half_even_beyond_18_decimals(
    written: str, amount: str | None, rounded: bool
) -> None:
    for value in (N(written), written) if "e" not in written else (N(written),):
        taken = money(value)
        assert taken.amount == Decimal(amount or written)
        assert (taken.rounded, taken.amount.as_tuple().exponent) == (rounded, -18)
    assert not money(N(written)).amount.is_zero() or not money(N(written)).amount.is_signed()


@pytest.mark.parametrize("setting", [5, 28, 50])
def test_money_does_not_depend_on_the_callers_decimal_context(setting: int) -> None:
    with localcontext() as context:
        context.prec = setting
        taken = money(N("12345678901234567890.123456789012345678"))
    assert str(taken.amount) == "12345678901234567890.123456789012345678"


@pytest.mark.parametrize(
    "written",
    [
        "100000000000000000000",
        "-1e20",
        "99999999999999999999.9999999999999999999",  # rounds to 21 digits
        "1e400",
        "1e999999999999",
        "1e99999999999999999999",
    ],
)
def test_money_of_more_than_twenty_whole_digits_is_out_of_range(written: str) -> None:
    with pytest.raises(Unfit) as raised:
        money(N(written))
    assert raised.value.code == "out-of-range"
    assert raised.value.found.startswith("the number ")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("true", "true"),
        ("null", "nothing"),
        ('""', "''"),
        ('"1e3"', "'1e3'"),
        ('"1,850.00"', "'1,850.00'"),
        ('"12,5"', "'12,5'"),
        ('" 12"', "' 12'"),
        ('"+1"', "'+1'"),
        ('".5"', "'.5'"),
        ('"5."', "'5.'"),
        ('"NaN"', "'NaN'"),
        ('"Infinity"', "'Infinity'"),
        ('"€ 5"', "'€ 5'"),
        ('"١٢"', "'١٢'"),
        ("[1]", "a list"),
        ('{"price": 1}', "an object"),
    ],
)
def test_what_is_no_number_is_no_money_and_no_whole_number(value: str, found: str) -> None:
    for take in (money, whole):
        with pytest.raises(Unfit) as raised:
            take(tree(value))
        assert (raised.value.code, raised.value.found) == ("wrong-type", found)


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        (N("2"), 2),
        (N("2.0"), 2),
        (N("322.000"), 322),
        (N("2e3"), 2000),
        (N("-7"), -7),
        (N("-0"), 0),
        ("17", 17),
        ("17.0", 17),
        (N("9007199254740993"), 9007199254740993),
        (N("9223372036854775807"), 2**63 - 1),
    ],
)
def test_a_whole_number_may_be_written_with_zeros_or_as_text(value: str, taken: int) -> None:
    assert whole(value) == taken
    assert type(whole(value)) is int


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (N("2.5"), "wrong-type"),
        (N("1e-400"), "wrong-type"),
        ("0.1", "wrong-type"),
        (N("9223372036854775808"), "out-of-range"),
        (N("1e400"), "out-of-range"),
        (N("9" * 5000), "out-of-range"),
    ],
)
def test_a_fraction_or_more_than_64_bits_is_no_whole_number(value: str, code: str) -> None:
    with pytest.raises(Unfit) as raised:
        whole(value)
    assert raised.value.code == code


def test_a_text_stays_as_it_is_and_a_number_is_none() -> None:
    for written in ("00123", "1e5", "NA", "null", "", " x ", "Döner", "a\0b"):
        assert text(written) == written
    for value in (N("123"), True, None, [], {}):
        with pytest.raises(Unfit):
            text(value)


def test_a_flag_is_true_or_false_and_nothing_like_it() -> None:
    assert (flag(True), flag(False)) == (True, False)
    for value in (N("1"), N("0"), "true", "", None, []):
        with pytest.raises(Unfit):
            flag(value)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2020-06-10T09:05:27Z", "2020-06-10T09:05:27"),
        ("2020-06-10t09:05:27z", "2020-06-10T09:05:27"),
        ("2020-06-10 09:05:27+00:00", "2020-06-10T09:05:27"),
        ("2020-06-10T09:05:27-00:00", "2020-06-10T09:05:27"),
        ("2020-06-10T09:05:27.9Z", "2020-06-10T09:05:27.9"),
        ("2020-06-10T09:05:27.993483Z", "2020-06-10T09:05:27.993483"),
        ("2020-06-10T09:05:27.9934839Z", "2020-06-10T09:05:27.993483"),
        ("2020-06-10T09:05:27.999999999Z", "2020-06-10T09:05:27.999999"),
        ("2020-06-10T09:05:27+07:00", "2020-06-10T02:05:27"),
        ("2020-06-10 23:05:27-05:30", "2020-06-11T04:35:27"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999"),
        ("1677-01-01T00:00:00Z", "1677-01-01T00:00:00"),
    ],
)
def test_an_instant_of_rfc_3339_is_taken_as_utc_and_cut_to_microseconds(
    written: str, utc: str
) -> None:
    taken = instant(written, PLAIN)
    assert taken == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert taken is not None
    assert taken.tzinfo is UTC


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00Z", "0001-01-01 00:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_the_zero_time_means_never(written: str) -> None:
    assert instant(written, PLAIN) is None
    assert instant(written, NEW_YORK) is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2020-06-10",
        "2020-06-10T09:05Z",
        "2020-06-10T09:05:27.Z",
        "2020-06-10T09:05:27.1234567891Z",
        "2020-06-10T09:05:27 Z",
        "2020-06-10T09:05:27+0000",
        "2021-05-03T12:32:00Z07:00",
        "2024-02-01T23:59:99Z",
        "2023-02-29T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "2020-06-10T24:00:00Z",
        "2020-06-10T09:05:27+24:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-05:00",
        "44690.545",
        "06/10/2020 09:05",
        "/Date(1591779927000)/",
        "1591779927",
        "٢٠٢٠-06-10T09:05:27Z",
    ],
)
def test_what_is_no_instant_is_refused(written: str) -> None:
    for value in (written, N("1591779927")):
        with pytest.raises(Unfit) as raised:
            instant(value, PLAIN)
        assert raised.value.code == "bad-instant"


@pytest.mark.parametrize("value", [None, True, [], {}])
def test_an_instant_is_a_text(value: Any) -> None:
    with pytest.raises(Unfit) as raised:
        instant(value, PLAIN)
    assert raised.value.code == "wrong-type"


def test_an_instant_without_offset_needs_a_zone() -> None:
    with pytest.raises(Unfit, match="assume-tz"):
        instant("2024-01-31 09:05:27", PLAIN)
    taken = instant("2024-01-31 09:05:27", NEW_YORK)
    assert taken == datetime(2024, 1, 31, 14, 5, 27, tzinfo=UTC)
    assert instant("2024-01-31 09:05:27Z", NEW_YORK) == datetime(2024, 1, 31, 9, 5, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2024-03-10 02:30:00", "2024-11-03 01:30:00", "9999-12-31 23:59:59"]
)
def test_a_local_time_that_is_skipped_or_repeated_or_too_late_is_refused(written: str) -> None:
    with pytest.raises(Unfit) as raised:
        instant(written, NEW_YORK)
    assert raised.value.code == "bad-instant"


@pytest.mark.parametrize(
    ("date_format", "written", "utc"),
    [
        ("%d.%m.%Y %H:%M", "10.06.2020 09:05", "2020-06-10T09:05:00"),
        ("%m/%d/%Y %I:%M:%S %p", "06/10/2020 09:05:27 PM", "2020-06-10T21:05:27"),
        ("%Y-%m-%d %H:%M:%S %z", "2020-06-10 09:05:27 +0200", "2020-06-10T07:05:27"),
        ("%d.%m.%Y", "2020-06-10T09:05:27Z", "2020-06-10T09:05:27"),
    ],
)
def test_another_way_of_writing_needs_its_format_and_is_utc_without_offset(
    date_format: str, written: str, utc: str
) -> None:
    reading = Reading(date_format=date_format)
    assert instant(written, reading) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    with pytest.raises(Unfit) as raised:
        instant("10-06-2020", reading)
    assert date_format in raised.value.expected


def test_a_format_with_a_zone_is_read_in_that_zone() -> None:
    reading = Reading(date_format="%d.%m.%Y %H:%M", assume_tz=ZoneInfo("Europe/Berlin"))
    assert instant("10.06.2020 09:05", reading) == datetime(2020, 6, 10, 7, 5, tzinfo=UTC)
    assert instant("01.01.0001 00:00", reading) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [(spelt, known) for known in STATES for spelt in (known, known.upper(), known.title())]
    + [
        ("PartiallyReturned", "partially_returned"),
        ("Partiallyreturned", "partially_returned"),
        ("partially-returned", "partially_returned"),
        ("Canceled", "cancelled"),
    ],
)
def test_a_state_may_be_spelt_in_any_way(written: str, meant: str) -> None:
    assert state(written, PLAIN) == meant


@pytest.mark.parametrize("value", ["", "done", "close", "open!", "null", N("3"), N("1.5"), "3"])
def test_any_other_state_is_refused(value: str) -> None:
    with pytest.raises(Unfit) as raised:
        state(value, PLAIN)
    assert raised.value.code == "bad-state"
    assert raised.value.expected.startswith("one of open, closed, partially_returned, cancelled")


def test_an_integer_state_means_what_the_caller_says() -> None:
    three, four = (Reading(state_numbers=STATE_NUMBERS[name]) for name in ("three", "four"))
    assert [state(N(n), three) for n in "123"] == ["open", "closed", "cancelled"]
    assert [state(N(n), four) for n in "1234"] == [*STATES]
    assert (state(N("3.0"), four), state("3", four)) == ("partially_returned",) * 2
    for number in ("0", "5", "2.5", "-1", "1e0"):
        with pytest.raises(Unfit):
            state(N(number), four)
    with pytest.raises(Unfit, match="--state-numbers"):
        state(N("3"), PLAIN)


def test_what_was_found_is_told_in_one_short_line() -> None:
    assert described(N("9" * 100)) == "the number " + "9" * 38 + "…"
    assert described("a\nb") == "'a\\nb'"
    assert len(described("x" * 1000)) == 60
    assert [described(value) for value in (None, True, [1], {"a": 1})] == [
        "nothing",
        "true",
        "a list",
        "an object",
    ]


@settings(max_examples=200, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_money_is_the_nearest_amount_of_18_decimals_or_refused(number: Decimal) -> None:
    try:
        taken = money(N(str(number)))
    except Unfit:
        assert abs(number) > Decimal(10) ** 20 - 1
        return
    with localcontext() as context:
        context.prec = 2000
        assert abs(taken.amount - number) <= Decimal("5e-19")
        assert taken.rounded == (taken.amount != number)
