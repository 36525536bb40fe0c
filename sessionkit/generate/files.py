"""The files that are written: which dialect, container and compression each has, and how much.

Every container and every compression occurs in a full set. The first file of a dialect is its
main one and takes what the others leave.

Layer: above `telling` and `calendar`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from sessionkit.generate import telling as t
from sessionkit.generate.calendar import END
from sessionkit.generate.telling import Telling

Container = Literal["lines", "array", "pretty", "joined", "one", "pages", "csv"]
Compression = Literal["", "gzip", "zstd", "bz2", "xz", "zip"]
Break = Literal["", "array", "gzip", "quote"]


class Window(NamedTuple):
    """What a CSV export was asked for: an application, and from when to when it was updated."""

    application: int
    since: datetime
    until: datetime


class File(NamedTuple):
    """One file to write.

    Attributes:
        telling: Its dialect.
        name: Its name in its folder, `/` between the parts.
        container: How records are put together.
        compression: How its bytes are compressed.
        bom: Whether it begins with a byte-order mark.
        crlf: Whether lines end as on Windows.
        most: How many sessions it takes at most; None for a main file.
        window: For CSV exports, what they were asked for.
        member: Its name inside the zip archive `name`.
        broken: Where the container breaks off at its end.
        columns: Of a CSV file, its header; empty for that of exports of sessions.
    """

    telling: Telling
    name: str
    container: Container = "lines"
    compression: Compression = ""
    bom: bool = False
    crlf: bool = False
    most: int | None = None
    window: Window | None = None
    member: str = ""
    broken: Break = ""
    columns: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Its name as a reader shows it: `archive.zip!name` inside an archive."""
        return f"{self.name}!{self.member}" if self.member else self.name


_JSON_FILES: dict[str, tuple[File, ...]] = {
    "session_list": (
        File(t.SESSION_LIST, "session_list/pages.jsonl", "pages"),
        File(t.SESSION_LIST, "session_list/page.json", "pages", crlf=True, most=40),
    ),
    "single_session": (
        File(t.SINGLE_SESSION, "single_session/fetched.ndjson"),
        File(t.SINGLE_SESSION, "single_session/one.json", "one", most=1),
        File(t.SINGLE_SESSION, "single_session/fetched.json.gz", "array", "gzip", most=40),
    ),
    "v1_session": (
        File(t.V1_SESSION, "v1_session/sessions.jsonl"),
        File(t.V1_SESSION, "v1_session/one.json", "one", most=1),
        File(t.V1_SESSION, "v1_session/array.json", "array", most=60),
        File(t.V1_SESSION, "v1_session/pretty.json", "pretty", most=30),
        File(t.V1_SESSION, "v1_session/joined.json", "joined", most=30),
        File(t.V1_SESSION, "v1_session/windows.jsonl", bom=True, crlf=True, most=40),
        File(t.V1_SESSION, "v1_session/day.jsonl.zst", compression="zstd", most=60),
        File(t.V1_SESSION, "v1_session/day.jsonl.xz", compression="xz", most=60),
    ),
    "v1_response": (
        File(t.V1_RESPONSE, "v1_response/responses.jsonl.gz", compression="gzip"),
        File(t.V1_RESPONSE, "v1_response/one.json", "one", most=1),
    ),
    "v2_session": (
        File(t.V2_SESSION, "v2_session/sessions.jsonl.bz2", compression="bz2"),
        File(t.V2_SESSION, "v2_session/array.json.xz", "array", "xz", most=40),
    ),
    "v2_response": (
        File(t.V2_RESPONSE, "v2_response/responses.jsonl"),
        File(t.V2_RESPONSE, "v2_response/one.json", "one", bom=True, most=1),
        File(t.V2_RESPONSE, "v2_response/joined.json", "joined", crlf=True, most=30),
    ),
    "csharp_pascal": (
        File(t.CSHARP_PASCAL, "csharp_pascal/objects.jsonl", crlf=True),
        File(t.CSHARP_PASCAL, "csharp_pascal/objects.json", "pretty", bom=True, most=30),
    ),
    "csharp_omits_zeros": (
        File(t.CSHARP_OMITS_ZEROS, "newtonsoft.jsonl"),
        File(t.CSHARP_OMITS_ZEROS, "newtonsoft.json", "array", most=30),
    ),
    "python_sdk": (
        File(t.PYTHON_SDK, "python_sdk/sessions.jsonl"),
        File(t.PYTHON_SDK, "python_sdk/dump.json.zip", "array", "zip", member="dump.json", most=40),
    ),
    "singer": (File(t.SINGER, "singer/tap.jsonl"),),
}

_BROKEN: tuple[File, ...] = (
    File(t.V1_SESSION, "v1_session/cut_array.json", "array", most=4, broken="array"),
    File(t.V1_SESSION, "v1_session/cut.jsonl.gz", compression="gzip", most=4, broken="gzip"),
    File(t.CSV_EXPORT, "csv_export/cut_quote.csv", "csv", most=4, broken="quote"),
)
"""Files whose container breaks off; only where bad records are asked for."""

_OVERLAP = timedelta(days=7)
_WAYS: dict[tuple[int, int], tuple[Compression, bool, bool]] = {
    (270, 1): ("", True, True),
    (270, 2): ("", False, True),
    (270, 3): ("gzip", False, False),
    (322, 1): ("bz2", False, False),
    (322, 2): ("xz", False, True),
    (322, 4): ("zstd", True, False),
}
_SUFFIXES = {"": "", "gzip": ".gz", "zstd": ".zst", "bz2": ".bz2", "xz": ".xz", "zip": ".zip"}


def exports() -> tuple[File, ...]:
    """The CSV exports: one per application and month, each reaching back into the last."""
    return tuple(
        _export(application, month) for application in (270, 322, 415) for month in (1, 2, 3, 4)
    )


def _export(application: int, month: int) -> File:
    since = datetime(2026, month, 1, tzinfo=UTC)
    until = datetime(2026, month + 1, 1, tzinfo=UTC)
    window = Window(application, since - _OVERLAP, min(until, END))
    name = f"export_{since:%Y-%m}.csv"
    if application == 415:
        archive = "csv_export/415.csv.zip"
        return File(t.CSV_EXPORT, archive, "csv", "zip", crlf=True, window=window, member=name)
    compression, bom, crlf = _WAYS.get((application, month), ("", False, False))
    path = f"csv_export/{application}_{name}{_SUFFIXES[compression]}"
    return File(t.CSV_EXPORT, path, "csv", compression, bom, crlf, window=window)


class Shelf(NamedTuple):
    """All files of one run."""

    exports: tuple[File, ...]
    others: tuple[File, ...]

    def main(self, dialect: str) -> File | None:
        """The main file of a dialect other than the CSV export, if it is written."""
        return next((f for f in self.others if f.telling.name == dialect and f.most is None), None)

    def export(self, application: int, instant: datetime) -> File | None:
        """The CSV export of the month in which an instant lies, if any is written."""
        inside = (
            f
            for f in self.exports
            if f.window and f.window.application == application and instant < f.window.until
        )
        return next(inside, None)


def shelf(tellings: Sequence[Telling], *, defects: bool) -> Shelf:
    """The files for these dialects; those that break off only among defects."""
    others = [file for telling in tellings for file in _JSON_FILES.get(telling.name, ())]
    if defects:
        others += [file for file in _BROKEN if file.telling in tellings]
    return Shelf(exports() if t.CSV_EXPORT in tellings else (), tuple(others))
