"""Decoding: every digit kept, nothing taken that is no JSON, no byte that raises anything else."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessionkit.decode import (
    MAX_DEPTH,
    Doubled,
    Number,
    Undecodable,
    decode,
    doubled_keys,
    encode,
    normalised,
    raw_elements,
    raw_members,
)
from sessionkit.errors import Reason

NUMBERS = [
    "0",
    "-0",
    "1850.00",
    "33.333333333333336",
    "12345678901234567.891",
    "9007199254740993",
    "1e400",
    "-1.5E-30",
    "123456789012345678901234567890.123456789012345678901234567890",
]

QUICK = settings(max_examples=150, deadline=None)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def as_decimals(tree: Any) -> Any:
    """A decoded tree with its numbers as Decimals."""
    if isinstance(tree, Number):
        return Decimal(tree)
    if isinstance(tree, dict):
        return {key: as_decimals(value) for key, value in tree.items()}
    return [as_decimals(value) for value in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_keeps_the_text_it_came_as(text: str) -> None:
    tree = decode(f'{{"total": {text}}}'.encode())
    assert tree == {"total": text}
    assert type(tree["total"]) is Number
    assert encode(tree) == f'{{"total":{text}}}'


def test_a_number_is_told_from_a_text_that_looks_like_one() -> None:
    number, text = decode(b'[1.50, "1.50"]')
    assert (type(number), type(text)) == (Number, str)


TRAILING = "',}' at character 8" if sys.version_info >= (3, 13) else "'}' at character 9"
"""What Python points at where a comma stands before a closing bracket."""


@pytest.mark.parametrize(
    ("raw", "code", "found"),
    [
        (b"", "not-json", "nothing"),
        (b" \n", "not-json", "nothing"),
        (b'{"a": 1', "not-json", "an end after 7 characters, before the value is complete"),
        (b'{"integrationId": "x", "total": NaN', "not-json", "NaN, which is no number"),
        (b'{"a": NaN}', "not-json", "NaN, which is no number"),
        (b'{"a": -Infinity}', "not-json", "-Infinity, which is no number"),
        (b"{'a': 1}", "not-json", "\"'a': 1}\" at character 2"),
        (b'{"a": 1,}', "not-json", TRAILING),
        (b'{"a": 01}', "not-json", "'1}' at character 8"),
        (b'{"a": .5}', "not-json", "'.5}' at character 7"),
        (b'{"a": 1} {"b": 2}', "not-json", "'{\"b\": 2}' at character 10"),
        (b'{"a": "\n"}', "not-json", "'\\n\"}' at character 8"),
        (b'"\\ud83d"', "not-json", "half of a surrogate pair near character 2"),
        (b'{"\\udc00": 1}', "not-json", "half of a surrogate pair near character 3"),
        (b"\xef\xbb\xbf{}", "not-json", None),
        (b'{"a": "\xff"}', "bad-encoding", "byte 0xff at byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "bad-encoding", "byte 0xed at byte 7"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too-deep", "more"),
        (b"[" * 100_000, "too-deep", "more"),
    ],
    ids=repr,
)
def test_what_is_no_json_is_refused_with_its_reason(
    raw: bytes, code: str, found: str | None
) -> None:
    with pytest.raises(Undecodable) as raised:
        decode(raw, "cartitems")
    reason = raised.value.reason
    assert (reason.code, reason.path) == (code, "cartitems")
    assert found is None or reason.found == found


def test_nesting_is_counted_outside_strings_only() -> None:
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert decode(deep) is not None
    brackets = json.dumps({"a": "[" * 500 + '"{', "b": ["]"] * 200}).encode()
    assert decode(brackets)["a"] == "[" * 500 + '"{'


def test_a_string_that_never_ends_costs_no_more_than_its_length() -> None:
    raw = b'{"a":' + b"[" * 200 + b'"' + b'\\"' * 400_000
    with pytest.raises(Undecodable):
        decode(raw)  # a quadratic scan would take minutes


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert decode(b'["\\ud83d\\ude00", "\\u0000"]') == ["😀", "\0"]


def test_keys_that_stand_twice_are_kept_and_told() -> None:
    tree = decode(b'{"a": 1, "b": 2, "a": 3, "c": {"x": 1, "x": 1}}')
    assert isinstance(tree, Doubled)
    assert tree["a"] == "3"
    assert doubled_keys(tree) == ["a"]
    assert doubled_keys(tree["c"]) == ["x"]
    assert doubled_keys({"a": 1}) == []
    assert encode(tree) == '{"a":1,"b":2,"a":3,"c":{"x":1,"x":1}}'


def test_members_and_elements_come_out_byte_for_byte() -> None:
    raw = b'{ "a" : {"b":  1.50,"c":[ ]} ,"\\u0061b":"\\u00e9" }'
    assert raw_members(raw) == {"a": b'{"b":  1.50,"c":[ ]}', "ab": b'"\\u00e9"'}
    assert raw_elements(b'[ 1.0 , {"a": [2]},null]') == [b"1.0", b'{"a": [2]}', b"null"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"b": 1.50, "a": 15e-1}', '{"a":1.5,"b":1.500}'),
        ('{"a": 0}', '{"a": -0.00}'),
        ('{"a": 0e-300}', '{"a": 0}'),
        ('["\\u00e9"]', '["é"]'),
        ("1850", "1.85e3"),
        ('{"a": {"d": 1, "c": 2}}', '{"a": {"c": 2, "d": 1.0}}'),
    ],
)
def test_equal_contents_have_one_normal_text(one: str, other: str) -> None:
    assert normalised(decode(one.encode())) == normalised(decode(other.encode()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", '"1"'),
        ("[1, 2]", "[2, 1]"),
        ("33.333333333333336", "33.333333333333333"),
        ('{"a": null}', "{}"),
        ('{"a": 1, "a": 2}', '{"a": 2}'),
        ("1e999999999", "1e999999998"),
    ],
)
def test_different_contents_have_different_normal_texts(one: str, other: str) -> None:
    assert normalised(decode(one.encode())) != normalised(decode(other.encode()))


@QUICK
@given(TREES)
def test_a_tree_survives_being_written_and_decoded(tree: Any) -> None:
    written = json.dumps(tree)
    decoded = decode(written.encode())
    assert as_decimals(decoded) == json.loads(written, parse_float=Decimal, parse_int=Decimal)
    assert decode(encode(decoded).encode()) == decoded
    assert as_decimals(decode(normalised(decoded).encode())) == as_decimals(decoded)


@QUICK
@given(st.dictionaries(st.text(), TREES, max_size=5), st.sampled_from([None, 0, 3]))
def test_the_parts_of_an_object_are_those_of_its_tree(tree: dict[str, Any], indent: Any) -> None:
    raw = json.dumps(tree, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    decoded = decode(raw)
    assert {key: decode(part) for key, part in raw_members(raw).items()} == decoded
    values = b"[" + b",".join(raw_members(raw).values()) + b"]"
    assert [decode(part) for part in raw_elements(values)] == list(decoded.values())


def decoded_or_reason(raw: bytes) -> Any:
    """What decoding gives: a tree, or the reason why there is none."""
    try:
        return decode(raw)
    except Undecodable as error:
        return error.reason


@QUICK
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode()))
def test_any_bytes_are_decoded_or_refused_as_json_is(raw: bytes) -> None:
    got = decoded_or_reason(raw)
    if isinstance(got, Reason):
        assert got.code in {"not-json", "bad-encoding", "too-deep"}
        assert got.found
    else:
        assert as_decimals(got) == json.loads(raw, parse_float=Decimal, parse_int=Decimal)
