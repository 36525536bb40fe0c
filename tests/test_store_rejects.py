"""Rejects come back: they are written out as they came, mended, loaded, and settled one by one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sessionkit.containers import recognise
from sessionkit.errors import UsageError
from sessionkit.found import open_bytes
from sessionkit.generate import DIALECTS, generate
from sessionkit.sources import find
from sessionkit.store import Store
from sessionkit.store.writing import INDEX, read_index
from tests.reading import named, session

HEADER = b"applicationid,integrationid,created,state,total,cartitems"
GOOD_ROW = b"1,C-0,2026-01-01T00:00:00Z,open,5,[]"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "s.duckdb") as opened:
        yield opened


def line(name: str, **members: Any) -> bytes:
    """One session on a line."""
    return json.dumps(session(integrationId=name, **members)).encode()


def open_rejects(store: Store) -> list[tuple[str, int, str | None]]:
    """File, place and session of each open reject."""
    names = "source_file, source_record, integration_id"
    return store.connection().sql(f"select {names} from rejects order by all").fetchall()


def trail(store: Store) -> list[tuple[Any, ...]]:
    """Number, status, by which load resolved and by which reject replaced."""
    rows = store.reject_trail().table.to_pylist()
    names = ("reject", "status", "resolved_by", "replaced_by")
    return [tuple(row[name] for name in names) for row in rows]


def sessions(store: Store) -> list[tuple[str, str]]:
    rows = store.connection().sql("select integration_id, dialect from sessions order by all")
    return rows.fetchall()


def findings(store: Store, rule: str) -> int:
    query = "select count(*) from findings where rule = $rule"
    ((count,),) = store.connection().execute(query, {"rule": rule}).fetchall()
    return int(count)


# ---- writing


def test_records_are_written_as_they_came_and_tied_to_their_rejects(
    store: Store, tmp_path: Path
) -> None:
    bad, worse = line("S-1", total="1,50"), line("S-2", state="done", total="x")
    store.load(named("a.jsonl", b"\n".join([bad, line("S-0"), worse])))
    written = store.write_rejects(tmp_path / "mend")
    assert written.files == {"v1_session.jsonl": 2}
    assert (tmp_path / "mend/v1_session.jsonl").read_bytes() == bad + b"\n" + worse + b"\n"
    index = read_index(tmp_path / "mend")
    assert index is not None
    assert index.files["v1_session.jsonl"].rejects == [1, 2]
    assert sorted(path.name for path in (tmp_path / "mend").iterdir()) == [
        INDEX,
        "v1_session.jsonl",
    ]


def test_csv_rows_are_written_below_the_header_that_they_had(store: Store, tmp_path: Path) -> None:
    wide = b'1,C-1,2026-01-01T00:00:00Z,open,"1,50","[{""sku"": ""a\nb""}]"'
    short = b"1,C-2,2026-01-01T00:00:00Z,open,5"
    other = b"integrationid;applicationid;created;state"
    far = b"C-3;1;2026-01-01;open"
    first = b"\xef\xbb\xbf" + b"\r\n".join([HEADER, wide, GOOD_ROW, short]) + b"\r\n"
    again = b"\n".join([HEADER, GOOD_ROW, b"integrationid,applicationid,created", b"C-4,1,soon"])
    store.load(named("a.csv", first), named("b.csv", b"\n".join([other, far])), named("c", again))
    written = store.write_rejects(tmp_path / "mend")
    home = tmp_path / "mend"
    assert written.files == {"csv_export.csv": 2, "csv_export-2.csv": 1, "csv_export-3.csv": 1}
    assert (home / "csv_export.csv").read_bytes() == b"\n".join([HEADER, wide, short, b""])
    assert (home / "csv_export-2.csv").read_bytes() == b"\n".join([other, far, b""])
    assert (home / "csv_export-3.csv").read_bytes() == (
        b"integrationid,applicationid,created\nC-4,1,soon\n"
    )


def test_elements_of_a_list_page_are_written_as_a_page(store: Store, tmp_path: Path) -> None:
    element = {"id": 7, "integrationId": "S-1", "applicationId": 1, "totalDiscounts": 0}
    page = {"hasMore": False, "data": [element | {"created": "soon", "discounts": {}}]}
    store.load(named("page.json", json.dumps(page, indent=2).encode()))
    assert store.write_rejects(tmp_path / "mend").files == {"session_list.json": 1}
    file = tmp_path / "mend/session_list.json"
    file.write_text(file.read_text().replace('"soon"', '"2026-01-01T00:00:00Z"'))
    loaded = store.load(tmp_path / "mend")
    assert (loaded.new, loaded.rejected, loaded.resolved) == (1, 0, 1)
    assert sessions(store) == [("S-1", "session_list")]
    assert findings(store, "incomplete-export") == 0


def test_what_cannot_stand_in_a_line_has_a_file_of_its_own(store: Store, tmp_path: Path) -> None:
    latin = line("S-1", total="x").replace(b"S-1", b"S-\xe9")
    cut = b'{"integrationId": "S-2",\n "created"'
    quote = b'1,"C-1,2026-01-01T00:00:00Z,open,5'
    store.load(
        named("a.jsonl", line("S-0") + b"\n" + latin),
        named("b.json", b"[" + line("S-3") + b",\n" + cut),
        named("c.csv", HEADER + b"\n" + quote),
    )
    written = store.write_rejects(tmp_path / "mend")
    home = tmp_path / "mend"
    assert written.files == {
        "v1_session-reject-1.json": 1,
        "v1_session-reject-2.json": 1,
        "csv_export-reject-3.csv": 1,
    }
    assert (home / "v1_session-reject-1.json").read_bytes() == latin
    assert (home / "v1_session-reject-2.json").read_bytes() == cut
    assert (home / "csv_export-reject-3.csv").read_bytes() == HEADER + b"\n" + quote
    (home / "v1_session-reject-1.json").write_bytes(line("S-1"))
    (home / "v1_session-reject-2.json").write_bytes(line("S-2") + line("S-4"))
    (home / "csv_export-reject-3.csv").write_bytes(HEADER + b"\n" + GOOD_ROW)
    loaded = store.load(home)
    assert (loaded.new, loaded.rejected, loaded.resolved) == (4, 0, 3)
    assert open_rejects(store) == []


def test_two_rests_with_the_same_bytes_are_both_settled(store: Store, tmp_path: Path) -> None:
    rest = b'{"integrationId": "S-2", "created"'
    for name in ("a", "b"):
        store.load(named(name, b"[" + line(f"S-{name}") + b"," + rest))
    written = store.write_rejects(tmp_path / "mend")
    assert len(written.files) == 2
    for name in written.files:
        (tmp_path / "mend" / name).write_bytes(line("S-2"))
    assert store.load(tmp_path / "mend").resolved == 2
    assert open_rejects(store) == []


def test_how_files_were_read_is_told_so_that_they_can_be_read_so_again(
    store: Store, tmp_path: Path
) -> None:
    zoned = line("S-1", created="2026-01-01T00:00:00", total="x")
    store.load(named("a.jsonl", zoned), assume_tz="Europe/Berlin", state_numbers="four")
    store.load(named("b.jsonl", line("S-2", total="x")))
    written = store.write_rejects(tmp_path / "mend")
    assert written.loads == (
        (("v1_session.jsonl",), "--assume-tz=Europe/Berlin --state-numbers=four"),
        (("v1_session-2.jsonl",), ""),
    )


def test_what_was_not_kept_is_told(store: Store, tmp_path: Path) -> None:
    rest = b"[" + line("S-0") + b', {"a": "' + b"x" * (1 << 20)
    dump = b"\n".join([line(f"S-{number}", total="x") for number in range(7)])
    store.load(named("a.jsonl", dump), pseudonymise="a key of 16 characters or more")
    store.load(named("b.json", rest), another_key=True)
    written = store.write_rejects(tmp_path / "mend")
    assert written.notes == (
        "not written, as their bytes were not kept: rejects 1, 2, 3, 4, 5 and 2 more.",
        "only the first 1,048,576 bytes were kept, so mend the dump itself: reject 8.",
    )
    assert list(written.files) == ["v1_session-reject-8.json"]


def test_where_no_neighbour_tells_the_dialect_it_stays_unknown(
    store: Store, tmp_path: Path
) -> None:
    store.load(named("a.jsonl", b'{"hello": "world"}\n{"total": NaN}\nnull\n'))
    assert store.write_rejects(tmp_path / "mend").files == {"unknown.jsonl": 3}
    content = (tmp_path / "mend/unknown.jsonl").read_bytes()
    assert content == b'{"hello": "world"}\n{"total": NaN}\nnull\n'


def test_a_folder_that_holds_anything_is_refused(store: Store, tmp_path: Path) -> None:
    store.load(named("a.jsonl", line("S-1", total="x")))
    store.write_rejects(tmp_path / "mend")
    with pytest.raises(UsageError, match="there is something already"):
        store.write_rejects(tmp_path / "mend")


def test_nothing_is_written_where_nothing_is_open(store: Store, tmp_path: Path) -> None:
    written = store.write_rejects(tmp_path / "mend")
    assert (written.files, written.loads, list((tmp_path / "mend").iterdir())) == ({}, (), [])


# ---- loading what was mended


def test_a_mended_record_resolves_its_reject_and_the_others_stay_open_once(
    store: Store, tmp_path: Path
) -> None:
    store.load(named("a.jsonl", b"\n".join([line("S-1", total="x"), line("S-2", total="y")])))
    store.write_rejects(tmp_path / "mend")
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"y"', b"7"))
    loaded = store.load(tmp_path / "mend")
    assert (loaded.new, loaded.rejected, loaded.resolved, loaded.notes) == (1, 1, 1, ())
    assert open_rejects(store) == [("a.jsonl", 1, "S-1")]
    assert trail(store) == [(1, "open", None, None), (2, "resolved", 2, None)]
    rows = store.connection().sql("select resolved_in, raw from kept.rejects order by reject")
    (_, (where, raw)) = rows.fetchall()
    assert (where, raw) == (str(file), line("S-2", total="y"))
    again = store.load(tmp_path / "mend")
    assert (again.load, again.resolved) == (None, 0)


def test_a_record_that_is_mended_by_halves_stays_open_in_its_newer_words(
    store: Store, tmp_path: Path
) -> None:
    store.load(named("a.jsonl", line("S-1", total="x", state="done")))
    store.write_rejects(tmp_path / "mend")
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(line("S-1", total=5, state="done"))
    assert store.load(file).resolved == 0
    assert open_rejects(store) == [(str(file), 1, "S-1")]
    assert trail(store) == [(1, "replaced", None, 2), (2, "open", None, None)]
    store.write_rejects(tmp_path / "again")
    second = tmp_path / "again/v1_session.jsonl"
    assert second.read_bytes() == line("S-1", total=5, state="done") + b"\n"
    file.write_bytes(line("S-1", total=5))  # by the older index, too
    assert store.load(file).resolved == 1
    assert open_rejects(store) == []
    assert trail(store) == [(1, "resolved", 3, 2), (2, "resolved", 3, None)]
    second.write_bytes(line("S-1", total=6))
    assert store.load(second).resolved == 0


@pytest.mark.parametrize("added", [True, False])
def test_where_records_were_added_or_deleted_the_sessions_tell(
    store: Store, tmp_path: Path, added: bool
) -> None:
    nameless = json.dumps(session(integrationId=..., total=5)).encode()
    bad = [line("S-1", total="x"), nameless, line("S-2", total="y"), line("S-3", total="z")]
    store.load(named("a.jsonl", b"\n".join(bad)))
    store.write_rejects(tmp_path / "mend")
    file = tmp_path / "mend/v1_session.jsonl"
    mended = [line("S-9"), line("S-1", total=1), nameless, line("S-2", total="?"), bad[3]]
    file.write_bytes(b"\n".join(mended if added else mended[1:2] + mended[3:]))
    loaded = store.load(file)
    assert loaded.resolved == 1
    still = [("a.jsonl", 2, None), ("a.jsonl", 4, "S-3"), (str(file), 4 if added else 2, "S-2")]
    assert open_rejects(store) == sorted(still, key=str)
    said = "records were added or deleted, and what became of reject 2 cannot be told."
    assert loaded.notes == (() if added else (f"{file}: {said}",))


def test_records_that_changed_places_are_not_mistaken_for_one_another(
    store: Store, tmp_path: Path
) -> None:
    store.load(named("a.jsonl", b"\n".join([line("S-1", total="x"), line("S-2", total="y")])))
    store.write_rejects(tmp_path / "mend")
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(b"\n".join([line("S-2", total=2), line("S-1", total="x")]))
    assert store.load(file).resolved == 1
    assert open_rejects(store) == [("a.jsonl", 1, "S-1")]


def test_another_session_in_the_place_of_one_resolves_nothing(store: Store, tmp_path: Path) -> None:
    store.load(named("a.jsonl", b"\n".join([line("S-1", total="x"), line("S-2", total="y")])))
    store.write_rejects(tmp_path / "mend")
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(b"\n".join([line("S-1", total=2), line("S-7")]))
    loaded = store.load(file)
    assert (loaded.new, loaded.resolved) == (2, 1)
    said = "reject 2 stays open: another session stands in its place."
    assert loaded.notes == (f"{file}: {said}",)
    assert open_rejects(store) == [("a.jsonl", 2, "S-2")]


def test_the_index_of_another_store_resolves_nothing(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "other.duckdb") as other:
        other.load(named("a.jsonl", line("S-1", total="x")))
        other.write_rejects(tmp_path / "mend")
    store.load(named("a.jsonl", line("S-1", total="x")))
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(line("S-1"))
    loaded = store.load(file)
    assert loaded.notes == (f"{file}: holds rejects of another store; it resolves none here.",)
    assert len(open_rejects(store)) == 1


def test_a_newer_record_that_is_mended_is_no_finding_any_more(store: Store, tmp_path: Path) -> None:
    old = line("S-1", updated="2024-03-01T10:00:00Z")
    newer = line("S-1", updated="2024-03-02T10:00:00Z", total="x")
    store.load(named("a.jsonl", old), named("b.jsonl", newer))
    assert findings(store, "newer-record-rejected") == 1
    store.write_rejects(tmp_path / "mend")
    store.load(tmp_path / "mend")
    assert findings(store, "newer-record-rejected") == 1
    file = tmp_path / "mend/v1_session.jsonl"
    file.write_bytes(newer.replace(b'"x"', b'"y"'))
    store.load(file)
    assert findings(store, "newer-record-rejected") == 1
    file.write_bytes(newer.replace(b'"x"', b"3"))
    assert store.load(file).resolved == 1
    assert findings(store, "newer-record-rejected") == 0


# ---- the same bytes, read in another way


def test_the_same_bytes_read_in_another_way_resolve_their_rejects(store: Store) -> None:
    zoneless = line("S-1", created="2026-01-01T00:00:00")
    worse = line("S-2", created="2026-01-01T00:00:00", total="x")
    dump = b"\n".join([zoneless, line("S-0"), worse, line("S-3", total="y")])
    store.load(named("a.jsonl", dump))
    loaded = store.load(named("b.jsonl", dump), assume_tz="UTC")
    assert (loaded.new, loaded.repeated, loaded.rejected, loaded.resolved) == (1, 1, 2, 1)
    assert open_rejects(store) == [("a.jsonl", 4, "S-3"), ("b.jsonl", 3, "S-2")]
    assert trail(store) == [
        (1, "resolved", 2, None),
        (2, "replaced", None, 4),
        (3, "open", None, None),
        (4, "open", None, None),
    ]


def test_a_stream_that_is_read_twice_is_rejected_once(store: Store) -> None:
    dump = b"\n".join([line("S-0"), line("S-1", total="x")])
    for _ in range(3):
        store.load(named("a.jsonl", dump))
    assert open_rejects(store) == [("a.jsonl", 2, "S-1")]


# ---- every dialect, with every kind of bad record


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("defects")
    generate(home, sessions=60, seed=3, defects=True)
    return home / "dumps"


def test_loading_what_nobody_has_mended_changes_nothing(
    generated: Path, store: Store, tmp_path: Path
) -> None:
    store.load(generated)
    before = len(open_rejects(store))
    store.write_rejects(tmp_path / "mend")
    loaded = store.load(tmp_path / "mend")
    assert loaded.resolved == 0
    assert loaded.records == loaded.rejected + loaded.repeated
    now = open_rejects(store)
    moved = [row for row in now if str(tmp_path / "mend") in row[0]]
    # Two rests are the same bytes, and no rests any more where they stand alone.
    assert (len(moved), len(now)) == (1, before - 1)
    assert before > 300


ID = re.compile(rb'("integration_?id"\s*:\s*)"[^"]*"', re.I)
APPLICATION = re.compile(rb'("application_?id"\s*:\s*)[0-9]+', re.I)


def good_records(dialect: str, home: Path) -> list[bytes]:
    """Good records of a dialect."""
    made = generate(home, sessions=40, seed=7, dialects=[dialect])
    found = []
    for each in find(sorted(made.glob("dumps*"))):
        with open_bytes(each) as file:
            records = recognise(file, name=each.name).records()
            found += [record.raw for record in records if ID.search(record.raw)]
    assert len(found) >= 40
    return found


def mend(path: Path, keys: list[tuple[int | None, str | None]], good: list[bytes]) -> None:
    """Put a good record of the same session in place of each in a file of rejects."""
    new = []
    for place, (application, name) in enumerate(keys):
        told = (name or f"{path.stem}-{place}").encode()
        raw = ID.sub(rb'\1"%s"' % told, good[place % len(good)])
        new.append(APPLICATION.sub(rb"\g<1>%d" % (application or 270), raw))
    if path.read_bytes().startswith(b'{"hasMore"'):
        path.write_bytes(b'{"hasMore":false,"data":[' + b",".join(new) + b"]}")
    else:
        path.write_bytes(b"\n".join(new))


def keys_of(store: Store, folder: Path) -> dict[str, list[tuple[int | None, str | None]]]:
    """The sessions of the rejects in each file, as far as they could be read."""
    index = read_index(folder)
    assert index is not None
    query = "select reject, application_id, integration_id from kept.rejects"
    rows = store.connection().sql(query).fetchall()
    keys = {reject: (application, name) for reject, application, name in rows}
    return {name: [keys[each] for each in file.rejects] for name, file in index.files.items()}


JSON_DIALECTS = [name for name in DIALECTS if name not in ("csv_export", "effects_export")]


@pytest.mark.parametrize("dialect", JSON_DIALECTS)
def test_every_dialect_comes_back_mended(dialect: str, store: Store, tmp_path: Path) -> None:
    omits = dialect == "csharp_omits_zeros"
    named_so = "csharp_v1" if omits else None
    folder = "dumps_csharp" if omits else "dumps"
    dumps = generate(tmp_path / "bad", sessions=40, seed=3, dialects=[dialect], defects=True)
    store.load(dumps / folder, dialect=named_so)
    before, count = len(sessions(store)), len(open_rejects(store))
    assert count > 10
    written = store.write_rejects(tmp_path / "mend")
    assert sum(written.files.values()) == count
    good = good_records(dialect, tmp_path / "good")
    for name, keys in keys_of(store, tmp_path / "mend").items():
        mend(tmp_path / "mend" / name, keys, good)
    loaded = store.load(tmp_path / "mend", dialect=named_so)
    assert (loaded.rejected, loaded.resolved, loaded.notes) == (0, count, ())
    assert open_rejects(store) == []
    newer = dialect == "v1_session"  # a bad record of a session that is there
    assert len(sessions(store)) == before + count - newer
    assert {status for _, status, _, _ in trail(store)} == {"resolved"}


CELLS = {
    "created": "2026-01-01T00:00:00Z",
    "state": "open",
    "name": "setDiscount",
    "props": '{"name":"x","value":1}',
}
"""What the cells of a row must hold so that it is taken in; the others are empty."""


def test_exports_come_back_mended(generated: Path, store: Store, tmp_path: Path) -> None:
    store.load(generated / "csv_export", generated / "effects_export")
    written = store.write_rejects(tmp_path / "mend")
    assert {"csv_export.csv", "effects_export.csv"} < written.files.keys()
    for name, keys in keys_of(store, tmp_path / "mend").items():
        path = tmp_path / "mend" / name
        lines = io.StringIO()
        writer = csv.writer(lines)
        columns = next(csv.reader([path.read_bytes().partition(b"\n")[0].decode()]))
        writer.writerow(columns)
        for place, (application, session_id) in enumerate(keys):
            told = session_id or f"{name}-{place}"
            more = {"integrationid": told, "sessionintegrationid": told}
            cells = CELLS | more | {"applicationid": str(application or 270)}
            writer.writerow([cells.get(column, "") for column in columns])
        path.write_text(lines.getvalue())
    loaded = store.load(tmp_path / "mend")
    assert (loaded.rejected, loaded.resolved) == (0, sum(written.files.values()))
    assert open_rejects(store) == []


def test_the_index_beside_rejects_is_no_file_that_was_met(store: Store, tmp_path: Path) -> None:
    store.load(named("x", line("S-1", total="much") + b"\n" + line("S-2")))
    folder = tmp_path / "rejects"
    store.write_rejects(folder)
    mended = next(folder.glob("*.jsonl"))
    mended.write_bytes(line("S-1"))
    loaded = store.load(*folder.iterdir())
    assert loaded.files["source_file"].to_pylist() == [str(mended)]
    assert store.load(folder).files["status"].to_pylist() == ["known"]
    (folder / INDEX).write_bytes(b"not ours")
    assert sorted(store.load(folder).files["status"].to_pylist()) == ["known", "skipped"]
