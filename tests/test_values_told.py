"""What is told of a value that does not fit: what was expected, what was there; and the borders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sessionkit.decode import Undecodable, decode, decode_text, normalised
from sessionkit.errors import Reason
from sessionkit.values import Reading, Unfit, described, flag, instant, money, state, text, whole

PLAIN = Reading()
BERLIN = Reading(assume_tz=ZoneInfo("Europe/Berlin"))
GERMAN = Reading(date_format="%d.%m.%Y %H:%M")
GERMAN_IN_BERLIN = Reading(date_format="%d.%m.%Y %H:%M", assume_tz=ZoneInfo("Europe/Berlin"))
WITH_OFFSET = Reading(date_format="%d.%m.%Y %H:%M %z")
NUMBERED = Reading(state_numbers={1: "closed"})
A_TIME = "a time such as 2026-01-31T09:05:27Z (or pass --date-format)"
ITS_OFFSET = "a time with its offset, such as 2026-01-31T09:05:27Z (or pass --assume-tz)"
EXISTS = "a time that exists"
ONCE = "a time that exists once in Europe/Berlin"
STATES = "one of open, closed, partially_returned, cancelled"

Told = tuple[str, str, str]


def at(reading: Reading) -> Callable[[Any], Any]:
    return lambda value: instant(value, reading)


def as_state(reading: Reading) -> Callable[[Any], Any]:
    return lambda value: state(value, reading)


@pytest.mark.parametrize(
    ("take", "written", "told"),
    [
        (text, "5", ("wrong-type", "a text", "the number 5")),
        (text, "false", ("wrong-type", "a text", "false")),
        (flag, '"true"', ("wrong-type", "true or false", "'true'")),
        (flag, "1", ("wrong-type", "true or false", "the number 1")),
        (whole, "2.5", ("wrong-type", "a whole number", "the number 2.5")),
        (whole, "true", ("wrong-type", "a whole number", "true")),
        (
            whole, "9223372036854775808",
            ("out-of-range", "a whole number of at most 64 bits", "the number 9223372036854775808"),
        ),
        (
            whole, "1e9999999999999999999",
            ("out-of-range", "a whole number", "the number 1e9999999999999999999"),
        ),
        (money, "[]", ("wrong-type", "a decimal number", "a list")),
        (
            money, "1e9999999999999999999",
            ("out-of-range", "a decimal number", "the number 1e9999999999999999999"),
        ),
        (
            money, "1e20",
            ("out-of-range", "at most 20 digits before the point", "the number 1e20"),
        ),
        (
            money, "99999999999999999999.9999999999999999999",
            ("out-of-range", "at most 20 digits before the point",
             "the number 99999999999999999999.99999999999999999…"),
        ),
        (at(PLAIN), "null", ("wrong-type", "a text", "nothing")),
        (at(PLAIN), '"yesterday"', ("bad-instant", A_TIME, "'yesterday'")),
        (at(PLAIN), "20260131", ("bad-instant", A_TIME, "the number 20260131")),
        (at(PLAIN), '"2026-01-31T09:05:27"', ("bad-instant", ITS_OFFSET, "'2026-01-31T09:05:27'")),
        (at(PLAIN), '"2026-02-30T00:00:00Z"', ("bad-instant", EXISTS, "'2026-02-30T00:00:00Z'")),
        (
            at(PLAIN), '"9999-12-31T23:59:59-01:00"',
            ("bad-instant", EXISTS, "'9999-12-31T23:59:59-01:00'"),
        ),
        (
            at(PLAIN), '"2026-01-31T09:05:27+24:00"',
            ("bad-instant", EXISTS, "'2026-01-31T09:05:27+24:00'"),
        ),
        (
            at(PLAIN), '"2026-01-31T09:05:27+00:60"',
            ("bad-instant", EXISTS, "'2026-01-31T09:05:27+00:60'"),
        ),
        (at(BERLIN), '"2026-10-25T02:30:00"', ("bad-instant", ONCE, "'2026-10-25T02:30:00'")),
        (at(BERLIN), '"2026-03-29T02:30:00"', ("bad-instant", ONCE, "'2026-03-29T02:30:00'")),
        (
            at(GERMAN), '"31-01-2026"',
            ("bad-instant", "a time written as %d.%m.%Y %H:%M", "'31-01-2026'"),
        ),
        (
            at(GERMAN_IN_BERLIN), '"25.10.2026 02:30"',
            ("bad-instant", ONCE, "'25.10.2026 02:30'"),
        ),
        (
            at(WITH_OFFSET), '"31.12.9999 23:59 -0100"',
            ("bad-instant", EXISTS, "'31.12.9999 23:59 -0100'"),
        ),
        (
            at(Reading(assume_tz=ZoneInfo("America/New_York"))), '"9999-12-31T23:59:59"',
            ("bad-instant", EXISTS, "'9999-12-31T23:59:59'"),
        ),
        (as_state(PLAIN), "null", ("wrong-type", STATES, "nothing")),
        (as_state(PLAIN), "true", ("wrong-type", STATES, "true")),
        (as_state(PLAIN), '"gone"', ("bad-state", STATES, "'gone'")),
        (
            as_state(PLAIN), "2",
            ("bad-state", f"{STATES} (an integer needs --state-numbers)", "the number 2"),
        ),
        (as_state(NUMBERED), "2", ("bad-state", STATES, "the number 2")),
    ],
)  # fmt: skip
def test_what_was_expected_and_what_was_there(
    take: Callable[[Any], Any], written: str, told: Told
) -> None:
    with pytest.raises(Unfit) as raised:
        take(decode(written.encode()))
    assert (raised.value.code, raised.value.expected, raised.value.found) == told
    assert raised.value.at("total") == Reason(told[0], "total", *told[1:])


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-31T09:05:27.1Z", datetime(2026, 1, 31, 9, 5, 27, 100_000, UTC)),
        ("2026-01-31T09:05:27.123456789Z", datetime(2026, 1, 31, 9, 5, 27, 123_456, UTC)),
        ("2026-01-31T23:05:27+23:59", datetime(2026, 1, 30, 23, 6, 27, 0, UTC)),
        ("2026-01-31T00:05:27-23:59", datetime(2026, 2, 1, 0, 4, 27, 0, UTC)),
    ],
)
def test_fractions_and_offsets_at_their_borders(written: str, moment: datetime) -> None:
    assert instant(written, PLAIN) == moment


def test_whole_numbers_and_money_at_their_borders() -> None:
    assert whole("9223372036854775807") == 2**63 - 1
    assert whole("-9223372036854775807") == 1 - 2**63
    assert str(money("99999999999999999999.999999999999999999").amount) == (
        "99999999999999999999.999999999999999999"
    )
    assert [described(one) for one in (True, False, [], {})] == [
        "true", "false", "a list", "an object",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1e100", "1" + "0" * 100),
        ("1E101", "1e101"),
        ("-1E-101", "-1e-101"),
        ("1E-100", "0." + "0" * 99 + "1"),
        ("1E99999999999999999999", "1e99999999999999999999"),
        ("120", "120"),
        ("12.0", "12"),
        ("1.10", "1.1"),
    ],
)
def test_numbers_by_value(written: str, normal: str) -> None:
    assert normalised(decode(written.encode())) == normal


def nested(levels: int, inner: str) -> str:
    return "[" * levels + inner + "]" * levels


def test_depth_is_that_of_the_deepest_place() -> None:
    half = nested(64, "1")
    assert len(decode(nested(64, f"{half},{half}").encode())) == 1
    for first, second in ((30, 60), (60, 30), (1, 60)):  # 70 levels around both
        inner = f"{nested(first, '1')},{nested(second, '1')}"
        with pytest.raises(Undecodable) as raised:
            decode(nested(70, inner).encode())
        assert raised.value.reason == Reason(
            "too-deep", "", "at most 128 levels of nesting", "more"
        )


def test_an_instant_that_is_a_number_is_read_by_its_format() -> None:
    read = instant(decode(b"20260131"), Reading(date_format="%Y%m%d"))
    assert read == datetime(2026, 1, 31, tzinfo=UTC)


TOO_DEEP = ("too-deep", "at most 128 levels of nesting", "more")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'"\xff"', ("bad-encoding", "UTF-8 text", "byte 0xff at byte 1")),
        (
            b"[1",
            ("not-json", "valid JSON", "an end after 2 characters, before the value is complete"),
        ),
        (
            b'{"a": nothing at all}',
            ("not-json", "valid JSON", "'nothing at a' at character 7"),
        ),
        (b"[NaN]", ("not-json", "valid JSON", "NaN, which is no number")),
        (b'["\\ud800"]', ("not-json", "valid JSON", "half of a surrogate pair near character 3")),
        (b'{"a":' * 129 + b"1" + b"}" * 129, TOO_DEEP),
        (b'[{"a":' * 65 + b"1" + b"}]" * 65, TOO_DEEP),
    ],
)
def test_what_is_said_of_bytes_that_are_no_json(raw: bytes, told: Told) -> None:
    code, expected, found = told
    with pytest.raises(Undecodable, match=found) as raised:
        decode(raw)
    assert raised.value.reason == Reason(code, "", expected, found)
    if code != "bad-encoding":
        with pytest.raises(Undecodable) as raised:
            decode_text(raw.decode())
        assert raised.value.reason == Reason(code, "", expected, found)


def test_objects_may_be_as_deep_as_lists() -> None:
    assert decode(b'{"a":' * 128 + b"1" + b"}" * 128)
    assert decode(b'[{"a":' * 64 + b"1" + b"}]" * 64)
