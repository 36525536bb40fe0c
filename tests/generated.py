"""Generated dumps read back with the standard library alone: the witness of `test_generate*`."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

csv.field_size_limit(1 << 24)

_ENVELOPES = {"v1_response": "session", "singer": "record"}


def answers_of(out: Path) -> dict[str, Any]:
    """The answers of a run."""
    made: dict[str, Any] = json.loads((out / "answers.json").read_text("utf-8"))
    return made


def bytes_by_name(out: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def unpacked(folder: Path, name: str) -> bytes:
    """The decompressed bytes of a file, `archive.zip!name` inside an archive."""
    path, _, member = name.partition("!")
    data = (folder / path).read_bytes()
    if member:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(member)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            return bytes(stream.read())
    for magic, unpack in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ", lzma)):
        if data.startswith(magic):
            return bytes(unpack.decompress(data))
    return data


def values(text: str) -> Iterator[Any]:
    """The JSON values that stand one after the other in a text, decimals exact."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    at = 0
    while at < len(text):
        if text[at] in " \r\n":
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield value


def sessions_in(folder: Path, name: str, dialect: str) -> list[dict[str, Any]]:
    """The sessions of a file without defects; CSV rows as dicts of cells.

    A session of a V2 response has the response's `effects` among its members.
    """
    text = unpacked(folder, name).decode("utf-8-sig")
    if dialect == "csv_export":
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    found: list[dict[str, Any]] = []
    for value in values(text):
        if dialect == "session_list":
            found += value["data"]
        elif dialect == "singer":
            found += [value["record"]] if value["type"] == "RECORD" else []
        elif isinstance(value, list):
            found += value
        elif dialect == "v2_response":
            found.append(value["customerSession"] | {"effects": value["effects"]})
        else:
            found.append(value[_ENVELOPES[dialect]] if dialect in _ENVELOPES else value)
    return found


class Line(NamedTuple):
    """A cart line as told."""

    price: Decimal
    quantity: int
    costs: dict[str, Decimal]
    prices: dict[str, Any]
    attributes: dict[str, Any]


class Seen(NamedTuple):
    """A session as one record tells it, whatever its dialect."""

    key: tuple[int, str]
    updated: datetime | None
    state: str
    total: Decimal
    lines: list[Line]
    labels: dict[str, Decimal]
    granted: dict[str, Decimal]
    costs: dict[str, Decimal]
    codes: set[str]
    identifiers: set[str]
    attributes: dict[str, Any]


def seen(record: dict[str, Any], dialect: str) -> Seen:
    """Read a record of the CSV export, or of any JSON dialect, by hand."""
    if dialect == "csv_export":
        record = _of_cells(record)
    folded = {key.replace("_", "").lower(): value for key, value in record.items()}
    coupon = folded.get("coupon")
    codes = folded.get("couponcodes") or folded.get("coupons") or ([coupon] if coupon else [])
    updated = folded.get("updated")
    labels = {label: Decimal(value) for label, value in folded.get("discounts", {}).items()}
    return Seen(
        key=(int(folded["applicationid"]), folded["integrationid"]),
        updated=datetime.fromisoformat(updated) if updated else None,
        state=folded.get("state", "open").lower().replace("_", ""),
        total=Decimal(folded["total"]),
        lines=[_line(item) for item in folded["cartitems"]],
        labels=labels,
        granted=labels | _by_effects(folded.get("effects", [])),
        costs=_priced(folded.get("additionalcosts")),
        codes=set(codes),
        identifiers=set(folded.get("identifiers") or []),
        attributes=folded["attributes"],
    )


def _by_effects(effects: list[dict[str, Any]]) -> dict[str, Decimal]:
    """What effects took off, by the name of the discount."""
    return {
        effect["props"]["name"]: Decimal(effect["props"]["value"])
        for effect in effects
        if effect["effectType"].startswith("setDiscount")
    }


def _of_cells(cells: dict[str, str]) -> dict[str, Any]:
    as_json = ("cartitems", "discounts", "attributes", "identifiers", "additional_costs", "coupons")
    return {
        key: json.loads(cell, parse_float=Decimal) if key in as_json else cell
        for key, cell in cells.items()
    }


def _line(item: dict[str, Any]) -> Line:
    folded = {key.replace("_", "").lower(): value for key, value in item.items()}
    return Line(
        price=Decimal(folded["price"]),
        quantity=folded["quantity"],
        costs=_priced(folded.get("additionalcosts")),
        prices=folded.get("prices") or {},
        attributes=folded["attributes"],
    )


def _priced(costs: dict[str, dict[str, Any]] | None) -> dict[str, Decimal]:
    prices = {}
    for name, cost in (costs or {}).items():
        ((_, price),) = cost.items()
        prices[name] = Decimal(price)
    return prices
