"""A file is recognised by what it begins with, and refused with a word on what it seems to be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sessionkit.containers import recognise, records
from sessionkit.errors import ReadError
from tests.cutting import InBlocks, cut, cut_file

SAMPLES = Path(__file__).parent.parent / "data"
HEADER = (
    b"id,firstsession,integrationid,applicationid,profileid,profileintegrationid,created,state,"
    b"cartitems,discounts,total,attributes,closedat,cancelledat,referral,identifiers,"
    b"additional_costs,updated,store_integration_id,coupons\n"
)


@pytest.mark.parametrize(
    ("data", "kind", "export"),
    [
        (b'{"integrationId": "S-1"}', "json", None),
        (b"\n\n  [ ]", "json", None),
        (b"\xef\xbb\xbf{}", "json", None),
        (b"\x1e{}\n", "json", None),
        (b'not JSON\n{"integrationId": "S-1"}\n', "json", None),
        (HEADER, "csv", "sessions"),
        (b"\xef\xbb\xbf" + HEADER, "csv", "sessions"),
        (b"\r\n" + HEADER.upper(), "csv", "sessions"),
        (b'"Integration ID";"application_id"\r\n', "csv", "sessions"),
        (b"\tintegrationid\tapplicationid\n", "csv", "sessions"),
        (b"created,name,applicationid,campaignid,sessionintegrationid,eventid\n", "csv", "effects"),
        (b"campaign_id,start_date,end_date,revenue,sessions", "csv", "campaign_analytics"),
    ],
)
def test_a_file_is_recognised_by_how_it_begins(data: bytes, kind: str, export: str | None) -> None:
    for block in (1, 1 << 20):
        file = recognise(InBlocks(data, block), name="dump")
        assert (file.kind, file.export) == (kind, export)


def test_a_header_alone_is_a_file_without_records() -> None:
    assert cut(HEADER) == []
    assert cut(HEADER.rstrip()) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "dump: the file is empty"),
        (b" \r\n\t\n", "dump: the file is empty"),
        (b"\xef\xbb\xbf", "dump: the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "begins as a PNG image"),
        (b"%PDF-1.7\n{}", "begins as a PDF document"),
        (b"PAR1\x15\x04", "begins as a Parquet file"),
        (b"<!DOCTYPE html><html>", "begins as a page in HTML or XML"),
        (b"\0" * 257 + b"ustar", "begins as a tar archive: unpack it first"),
        ('{"a": 1}'.encode("utf-16"), "is UTF-16 text, or no text at all; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "is UTF-16 text, or no text at all; save it as UTF-8"),
        (HEADER.decode().encode("utf-32"), "is UTF-16 text, or no text at all; save it as UTF-8"),
        (b"class CustomerSession {\n  IntegrationId: S-1\n", "write the sessions with ToJson()"),
        (b"Dear all,\n", "got a file that begins with 'Dear all,"),
        (b"sku,price\n1,2\n", "got a file that begins with 'sku,price"),
        (b"id,integrationid,state,created\n", "has no column applicationid; of those known it has"),
        (b"integrationid,Integration_ID,applicationid\n", "names a column twice: integrationid"),
    ],
)
def test_what_is_no_dump_is_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        records(InBlocks(data, 1), name="dump")
    assert str(refused.value).startswith("dump: ")
    assert message in str(refused.value)


def test_the_reason_is_told_before_the_first_record_is_asked_for() -> None:
    with pytest.raises(ReadError, match="dump: the file is empty"):
        records(io.BytesIO(b""), name="dump")


@pytest.mark.parametrize(
    "path",
    sorted(path for path in SAMPLES.iterdir() if path.suffix in {".json", ".jsonl", ".csv"}),
    ids=lambda path: path.name,
)
def test_the_samples_of_the_repository_hold_records_without_a_break(path: Path) -> None:
    assert all(record.fault is None for record in cut(path.read_bytes()))


# The shapes of the official examples


def test_a_response_is_one_record_whatever_it_holds() -> None:
    response = b'{\n  "effects": [{"effectType": "acceptCoupon"}],\n  "createdCoupons": []\n}\n'
    assert [record.raw for record in cut(response)] == [response.strip()]


def test_a_list_page_of_the_management_api_gives_its_sessions() -> None:
    session = b'{\n      "applicationId": 322\n    }'
    page = b'{\n  "data": [\n    %s\n  ],\n  "hasMore": false\n}\n' % session
    file, found = cut_file(page)
    assert [each.raw for each in found] == [session]
    assert file.ended


def test_a_row_of_the_csv_export_keeps_the_text_of_its_cells() -> None:
    items = b'"[{""name"": ""Gravel bike - \\""Aisle of Man\\"""", ""price"": 1800}]"'
    row = b"12328,true,S-1,270,6111,dxclwds,2022-05-09T13:05:31Z,open," + items
    row += b',"{}",1850.00,"{}",0001-01-01T00:00:00Z,0001-01-01T00:00:00Z,,"null","{}",x,"s","[]"'
    (found,) = cut(HEADER + row + b"\n")
    assert (found.offset, found.raw) == (len(HEADER), row)
    assert found.cells is not None
    assert (
        found.cells["cartitems"] == '[{"name": "Gravel bike - \\"Aisle of Man\\"", "price": 1800}]'
    )
    assert (found.cells["total"], found.cells["referral"]) == ("1850.00", "")
    assert found.cells["identifiers"] == "null"
    assert list(found.cells) == HEADER.decode().strip().split(",")
