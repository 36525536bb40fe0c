"""Packed streams give all their bytes, and a broken one all those before the break."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from sessionkit.errors import ReadError
from sessionkit.found import Found, open_bytes
from sessionkit.sources import find
from sessionkit.unpacking import BrokenStream, Unpacked, packing, peeked
from tests.cutting import InBlocks

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
DRAWN = random.Random(7)
TEXT = b"".join(b'{"a": %d}\n' % DRAWN.randrange(10**9) for _ in range(30_000))

each_packing = pytest.mark.parametrize("kind", PACKERS)


def unpacked(packed: bytes, kind: str, block: int = 1 << 20) -> tuple[bytes, str | None]:
    """What could be unpacked, and the message of the break after it."""
    stream, given = Unpacked(InBlocks(packed, block), kind), b""
    try:
        while data := stream.read(1 << 16):
            given += data
    except BrokenStream as broken:
        return given, str(broken)
    return given, None


@each_packing
def test_the_beginning_tells_the_packing(kind: str) -> None:
    assert packing(PACKERS[kind](TEXT)) == packing(PACKERS[kind](b"")) == kind
    for plain in (b"", b"{", b"BZh,state", b"(integrationid", b"PK,id"):
        assert packing(plain) is None


@each_packing
def test_members_that_follow_each_other_are_read_whole(kind: str) -> None:
    pack = PACKERS[kind]
    packed = pack(TEXT) + pack(b"") + pack(b"one more") + bytes(512)
    for block in (7, 1 << 20):
        assert unpacked(packed, kind, block) == (TEXT + b"one more", None)


@each_packing
def test_it_does_not_matter_how_much_is_asked_for_at_a_time(kind: str) -> None:
    packed = PACKERS[kind](b"x" * 5000)
    for size in (1, 2, 1000, 5000):
        stream, given = Unpacked(io.BytesIO(packed), kind), []
        while data := stream.read(size):
            given.append(data)
        assert b"".join(given) == b"x" * 5000
        assert max(map(len, given)) <= size


def test_deflated_bytes_without_a_trailer_are_given_to_the_last() -> None:
    for length in (1, 21, 258, 259, 1000):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(b"x" * length) + packer.flush()
        for size in (1, 100, length):
            stream, given = Unpacked(InBlocks(packed, 1), "deflate"), 0
            while data := stream.read(size):
                given += len(data)
            assert given == length


@each_packing
@pytest.mark.parametrize("cut", [1, 5, 0.3, 0.7, -5, -1])
def test_a_stream_that_is_cut_off_gives_what_came_before(kind: str, cut: float) -> None:
    packed = PACKERS[kind](TEXT)
    end = int(len(packed) * cut) if isinstance(cut, float) else cut
    given, message = unpacked(PACKERS[kind](b"whole\n") + packed[:end], kind)
    assert given.startswith(b"whole\n")
    assert (b"whole\n" + TEXT).startswith(given)
    assert message == f"the {kind} data is cut off"


@each_packing
def test_a_damaged_stream_gives_what_came_before_and_never_ends_in_silence(kind: str) -> None:
    packed = bytearray(PACKERS[kind](TEXT))
    packed[len(packed) * 2 // 3] ^= 0x40
    given, message = unpacked(PACKERS[kind](b"whole\n") + bytes(packed), kind)
    assert given.startswith(b"whole\n")
    assert message is not None
    assert message.startswith(f"the {kind} data is damaged")


def test_of_gzip_with_a_wrong_checksum_every_byte_is_given() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    given, message = unpacked(bytes(packed), "gzip")
    assert given == TEXT
    assert message is not None
    assert message.startswith("the gzip data is damaged")


@each_packing
def test_what_follows_and_is_no_member_breaks_the_stream_after_the_last(kind: str) -> None:
    given, message = unpacked(PACKERS[kind](TEXT) + b"and some text", kind)
    assert given == TEXT
    assert message is not None


def test_gzip_cut_at_any_byte_gives_a_beginning_of_the_text() -> None:
    text = b'{"a": 1}\n' * 20
    packed = gzip.compress(text)
    lengths = []
    for end in range(3, len(packed)):
        given, message = unpacked(packed[:end], "gzip", block=2)
        assert text.startswith(given)
        assert message == "the gzip data is cut off"
        lengths.append(len(given))
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(text)


def test_zstd_frames_that_are_to_be_skipped_are() -> None:
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"note"
    packed = skipped + zstd.compress(b"one ") + skipped + zstd.compress(b"two")
    assert packing(packed) == "zstd"
    assert unpacked(packed, "zstd") == (b"one two", None)


def test_peeking_takes_nothing_away_not_even_a_break() -> None:
    head, stream = peeked(Unpacked(io.BytesIO(gzip.compress(b"short") + b"\x1f\x8b\x08"), "gzip"))
    assert head == b"short"
    assert stream.read(2) + stream.read(9) == b"short"
    with pytest.raises(BrokenStream, match="cut off"):
        stream.read(9)


# Zip archives


def archive(method: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for name, content in files.items():
            file.writestr(name.replace("_", "."), content)
    return target.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_of_a_zip_archive_are_streamed(method: int) -> None:
    data = archive(method, a_json=TEXT, b_json_gz=gzip.compress(TEXT), c_json=b"")
    for found in find(io.BytesIO(data)):
        with open_bytes(found) as stream:
            given = b""
            while block := stream.read(10_000):
                given += block
            assert given == (b"" if found.name.endswith("c.json") else TEXT)
            assert stream.size == found.size


def test_a_damaged_member_gives_what_came_before() -> None:
    data = bytearray(archive(zipfile.ZIP_STORED, a_json=TEXT))
    data[1000] ^= 1
    (found,) = find(io.BytesIO(bytes(data)))
    given = b""
    with open_bytes(found) as stream, suppress(BrokenStream):
        while block := stream.read(1000):
            given += block
    assert len(given) == len(TEXT)
    with pytest.raises(BrokenStream, match="its checksum is wrong"):
        stream.read(1)


def test_archives_that_cannot_be_read_say_why() -> None:
    encrypted = bytearray(archive(a_json=b"{}"))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    workbook = io.BytesIO()
    with zipfile.ZipFile(workbook, "w") as file:
        file.writestr("xl/workbook.xml", "")
    for data, message in [
        (bytes(encrypted), "x!a.json: is encrypted in its archive"),
        (archive(a_json=TEXT)[:-30], "x: the zip archive is damaged"),
        (archive(zipfile.ZIP_LZMA, a_json=TEXT), "x!a.json: is packed in its archive by method 14"),
        (archive(notes_txt=TEXT), "x: the archive holds no dump"),
        (archive(), "x: the archive holds no dump"),
        (workbook.getvalue(), "x: is an Excel workbook: save its sheet as CSV"),
        (archive(a_json=archive(b_json=b"{}")), "x!a.json: is a zip archive inside another"),
    ]:
        stream = io.BytesIO(data)
        stream.name = "x"
        with pytest.raises(ReadError) as refused:
            open_bytes(find(stream)[0])
        assert str(refused.value).startswith(message)


def test_a_zip_archive_on_a_pipe_is_refused() -> None:
    with pytest.raises(ReadError, match="x: is a zip archive on a stream: unpack it first"):
        open_bytes(Found("x", handle=InBlocks(archive(a_json=b"{}"), 3)))
