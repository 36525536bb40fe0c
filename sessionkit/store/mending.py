"""What a load mends: rejected records that come again.

They come in a file that was written to be mended, or in the same bytes as before, read in another
way. A record that was taken in this time resolves its reject. One that was rejected again stays
open once: the new reject replaces the old one where it says something else, and is dropped where
not.

Layer: inside `store`, above `writing`; imports `intake` and `told` from below.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from sessionkit.database import Connection
from sessionkit.found import Found
from sessionkit.intake import Load
from sessionkit.sql import text_of
from sessionkit.staged import Staged
from sessionkit.store.writing import Index, Listed, on_one_line, read_index
from sessionkit.told import Told

_Row = dict[str, Any]
_Session = tuple[int, str]
_CLOSERS = b"]} \t\r\n"


@dataclass
class Mended:
    """What came of it: how many rejects a load resolved, and what there is to say of files."""

    resolved: int = 0
    notes: list[str] = field(default_factory=list)


class Mending:
    """The rejects that a load may mend."""

    def __init__(self, connection: Connection, found: Sequence[Found], number: int) -> None:
        """Look for files that were written to be mended.

        Args:
            connection: The store.
            found: The files that will be read.
            number: The number of the load.
        """
        self._db, self._number = connection, number
        self._done = Mended()
        self._listed = dict(self._written(found))
        self._keys: dict[str, dict[int, _Session]] = {name: {} for name in self._listed}
        self._resolved: list[tuple[int, str]] = []
        self._replaced: list[tuple[int, int]] = []
        self._dropped: list[int] = []

    def _written(self, found: Sequence[Found]) -> Iterable[tuple[str, Listed]]:
        ((store,),) = self._db.sql("select store from kept.about").fetchall()
        indexes: dict[Path, Index | None] = {}
        for each in found:
            if each.path is None or each.member or each.skipped or each.fault:
                continue
            folder = each.path.parent
            if folder not in indexes:
                indexes[folder] = read_index(folder)
            index = indexes[folder]
            if index is None or each.path.name not in index.files:
                continue
            if index.store == store:
                yield each.name, index.files[each.path.name]
            else:
                self._note(each.name, "holds rejects of another store; it resolves none here")

    def watch(self, batches: Iterable[Staged]) -> Generator[Staged, None, None]:
        """Let the batches of a read pass, and note the sessions in files that were written."""
        for staged in batches:
            if self._listed and not self._listed.keys().isdisjoint(staged.records):
                self._note_keys(staged)
            yield staged

    def _note_keys(self, staged: Staged) -> None:
        names = ["source_file", "source_record", "application_id", "integration_id"]
        sessions = staged.tables["sessions"].select(names).to_pylist()
        rows = [tuple(row[name] for name in names) for row in sessions]
        rows += [tuple(getattr(reject, name) for name in names) for reject in staged.rejects]
        for file, place, application, session in rows:
            if file in self._keys and application is not None and session is not None:
                self._keys[file][place] = application, session

    def settle(self, told: Told, loads: Sequence[Load]) -> Mended:
        """Mark what was resolved, once all records are in the store.

        Args:
            told: What the batches told.
            loads: The files met.
        """
        self._put_headers(told, loads)
        before = self._read_before([load.sha256 for load in loads if load.status == "read"])
        self._next = self._replacements()
        for load in loads:
            if listed := self._listed.get(load.source_file):
                if load.status in ("read", "copy"):
                    source = load.copy_of or load.source_file
                    self._settle_written(load.source_file, listed, source, told.records[source])
            elif load.status == "read" and load.sha256 in before:
                came = self._came(load.source_file)
                for place, old in self._open(before[load.sha256]):
                    self._meet(old, came.get(place), load.source_file)
        self._mark()
        return self._done

    def _put_headers(self, told: Told, loads: Sequence[Load]) -> None:
        """Keep the header of each CSV row that was rejected."""
        for load in loads:
            for first, header in load.headers if told.rejects[load.source_file] else ():
                self._db.execute(
                    "update kept.rejects set header = $header "
                    "where load = $load and source_file = $file and source_record >= $first",
                    {
                        "header": header,
                        "load": self._number,
                        "file": load.source_file,
                        "first": first,
                    },
                )

    def _read_before(self, sums: list[str | None]) -> dict[str | None, list[tuple[int, int]]]:
        """Place and number of each reject in files of earlier loads, by their checksums."""
        values = {"load": self._number, "sums": sums}
        rows = self._db.execute(text_of("store/read_before"), values).fetchall()
        found: dict[str | None, list[tuple[int, int]]] = {}
        for sha256, place, reject in rows:
            found.setdefault(sha256, []).append((place, reject))
        return found

    def _replacements(self) -> dict[int, int]:
        query = "select reject, replaced_by from kept.rejects where replaced_by is not null"
        return dict(self._db.sql(query).fetchall())

    def _came(self, file: str) -> dict[int, _Row]:
        """The rejects that this load has made of a file, by their places in it."""
        query = f"{_SAYS} where load = $load and source_file = $file"
        rows = _rows(self._db, query, {"load": self._number, "file": file})
        return {row["source_record"]: row for row in rows}

    def _open(self, rejects: Iterable[tuple[int, int]]) -> list[tuple[int, _Row]]:
        """What is open of some rejects, or of those that replaced them, each with its place."""
        last = {}
        for place, reject in rejects:
            while reject in self._next:
                reject = self._next[reject]
            last[reject] = place
        query = f"{_SAYS} where list_contains($rejects, reject) and resolved_by is null"
        rows = _rows(self._db, query, {"rejects": list(last)})
        return [(last[row["reject"]], row) for row in rows]

    def _settle_written(self, file: str, listed: Listed, source: str, records: int) -> None:
        """Settle a file that was written to be mended; `source` is the file with its bytes."""
        came, keys = self._came(source), self._keys.get(source, {})
        old = self._open(enumerate(listed.rejects, 1))
        if listed.alone:
            for _, row in old if records else ():
                self._meet(row, next(iter(came.values()), None), file)
        elif records == len(listed.rejects) and not _shuffled(old, keys):
            for place, row in old:
                if _is_another(row, keys.get(place)):
                    said = f"reject {row['reject']} stays open: another session stands in its place"
                    self._note(file, said)
                else:
                    self._meet(row, came.get(place), file)
        else:
            self._settle_by_key([row for _, row in old], came, keys, file)

    def _settle_by_key(
        self, old: list[_Row], came: dict[int, _Row], keys: dict[int, _Session], file: str
    ) -> None:
        """Lines were added or deleted: go by the keys of the sessions, and by equal bytes."""
        same, unmended = {row["raw"]: row for row in came.values()}, {row["raw"] for row in old}
        places: dict[_Session | None, list[int]] = {}
        for place, session in sorted(keys.items()):
            if place not in came or came[place]["raw"] not in unmended:
                places.setdefault(session, []).append(place)
        alike: dict[_Session | None, list[_Row]] = {}
        unmatched = []
        for row in old:
            if row["raw"] in same:
                self._meet(row, same[row["raw"]], file)
            else:
                alike.setdefault(_key(row), []).append(row)
        for key, rows in alike.items():
            there = places.get(key, []) if key else []
            if len(there) == len(rows):
                for row, place in zip(rows, there, strict=True):
                    self._meet(row, came.get(place), file)
            else:
                unmatched += [str(row["reject"]) for row in rows]
        if unmatched:
            several = "rejects" if len(unmatched) > 1 else "reject"
            said = "records were added or deleted, and what became of"
            self._note(file, f"{said} {several} {', '.join(unmatched)} cannot be told")

    def _meet(self, old: _Row, new: _Row | None, file: str) -> None:
        """Settle a reject with what its record is now: taken in, or rejected again."""
        if new is None:
            self._resolved.append((old["reject"], file))
        elif new["reject"] in self._dropped:
            return
        elif _says(old) == _says(new):
            self._dropped.append(new["reject"])
        else:
            self._replaced.append((old["reject"], new["reject"]))

    def _note(self, file: str, said: str) -> None:
        self._done.notes.append(f"{file}: {said}.")

    def _mark(self) -> None:
        self._done.resolved = len(self._resolved)
        before: dict[int, list[int]] = {}
        for old, new in self._next.items():
            before.setdefault(new, []).append(old)
        gone = dict(self._resolved)
        for reject in (waiting := list(gone)):
            for old in before.get(reject, ()):
                gone[old] = gone[reject]
                waiting.append(old)
        self._run("store/drop_rejects", {"reject": self._dropped})
        replaced = {"reject": [a for a, _ in self._replaced], "by": [b for _, b in self._replaced]}
        self._run("store/replace_rejects", replaced)
        self._run("store/resolve_rejects", {"reject": list(gone), "file": list(gone.values())})
        if gone or self._replaced or self._dropped:
            self._db.execute(text_of("store/forget_overtaken"))

    def _run(self, statement: str, columns: dict[str, list[Any]]) -> None:
        if not columns["reject"]:
            return
        self._db.register("arrived", pa.table(columns))
        text = text_of(statement)
        self._db.execute(text, {"load": self._number} if "$load" in text else {})
        self._db.unregister("arrived")


_SAYS = (
    "select reject, source_record, application_id, integration_id, raw, reasons from kept.rejects"
)


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[_Row]:
    rows: list[_Row] = connection.sql(query, params=values).to_arrow_table().to_pylist()
    return rows


def _is_another(row: _Row, session: _Session | None) -> bool:
    """Whether a session is not that of a reject, as far as both are known."""
    return None not in (_key(row), session) and _key(row) != session


def _shuffled(old: list[tuple[int, _Row]], keys: dict[int, _Session]) -> bool:
    """Whether a session stands in another place than it was written to."""
    there = set(keys.values())
    return any(_is_another(row, keys.get(place)) and _key(row) in there for place, row in old)


def _key(row: _Row) -> _Session | None:
    if row["application_id"] is None or row["integration_id"] is None:
        return None
    return row["application_id"], row["integration_id"]


def _says(row: _Row) -> object:
    """What a reject says: the faults, and the bytes but for what writing them out may change."""
    faults = [(each["code"], each["path"], each["expected"]) for each in row["reasons"]]
    if faults[:1] and faults[0][0] == "broken-container":
        return bytes(row["raw"]).rstrip(_CLOSERS), "broken"
    return on_one_line(row["raw"]), faults
