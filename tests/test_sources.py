"""What is named is found, each file once and in order, and what is left alone is listed."""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessionkit.errors import ReadError, UsageError
from sessionkit.found import Found
from sessionkit.sources import find, open_bytes
from tests.cutting import everything, names, write

# Finding


def test_files_come_in_the_order_they_are_named(here: Path) -> None:
    write("b.json", "a.json")
    assert names("b.json", Path("a.json")) == ["b.json", "a.json"]
    assert names(str(here / "a.json")) == [str(here / "a.json")]


def test_a_list_is_as_good_as_its_members(here: Path) -> None:
    write("a.json", "b.json", "c.json")
    found = find([["b.json", Path("a.json")], ("c.json",)])
    assert [one.name for one in found] == ["b.json", "a.json", "c.json"]


@pytest.mark.parametrize("source", [7, None, [3.5]])
def test_what_is_no_source_is_an_error(source: object) -> None:
    with pytest.raises(UsageError, match=r"expected a path, a pattern, .* got (7|None|3\.5)$"):
        find(source)  # type: ignore[arg-type]


def test_a_file_named_by_itself_is_read_whatever_it_is_called(here: Path) -> None:
    write("notes.txt", ".hidden", "a[1].json", "a1.json")
    assert names("notes.txt", ".hidden", "a[1].json") == ["notes.txt", ".hidden", "a[1].json"]


def test_a_folder_is_searched_in_depth_for_names_that_end_as_dumps_do(here: Path) -> None:
    dumps = ["a.json", "b.JSONL", "c.ndjson", "d.csv", "e/f/g.csv.GZ", "e/h.json.zst"]
    dumps += ["e/i.jsonl.zstd", "e/j.csv.bz2", "e/k.json.xz", ".l.json", ".m/n.csv"]
    others = ["README", "a.json.txt", "e/x.tar.gz", "csv", ".DS_Store", "._d.csv", "p.parquet"]
    write(*(f"dumps/{name}" for name in dumps + others))
    found = find("dumps")
    assert {each.name.removeprefix("dumps/") for each in found if not each.skipped} == set(dumps)
    assert {each.name.removeprefix("dumps/") for each in found if each.skipped} == set(others)
    assert {each.skipped for each in found if each.skipped} == {"not a dump by its name"}
    assert [each.name for each in found] == sorted(each.name for each in found)
    assert found == find(["dumps/"])


def test_a_pattern_is_what_a_shell_makes_of_it(here: Path) -> None:
    write("d/a1.csv", "d/a2.csv", "d/notes.txt", "d/e/a3.csv", "d/e/x.txt", "d/.h.csv")
    assert names("d/a?.csv") == ["d/a1.csv", "d/a2.csv"]
    assert names("d/*") == ["d/a1.csv", "d/a2.csv", "d/notes.txt", "d/e/a3.csv", "(d/e/x.txt)"]
    assert names("d/**") == ["d/a1.csv", "d/a2.csv", "d/e/a3.csv", "d/e/x.txt", "d/notes.txt"]
    assert names("d/**/*.csv") == ["d/a1.csv", "d/a2.csv", "d/e/a3.csv"]
    assert names(str(here / "d/[ab]2.csv")) == [str(here / "d/a2.csv")]


def test_no_file_is_there_twice(here: Path) -> None:
    write("d/a.json", "d/b.txt")
    Path("link.json").symlink_to("d/a.json")
    assert names("d/a.json", "./d/../d/a.json", here / "d/a.json", "d/*.json", "link.json") == [
        "d/a.json"
    ]
    assert names("d", "d/b.txt") == ["d/a.json", "d/b.txt"]
    stream = io.BytesIO(b"{}")
    assert len(find([stream, stream, "-", "-"])) == 2


def test_links_that_lead_in_circles_end(here: Path) -> None:
    write("d/a.json", "other/b.json")
    Path("d/e").mkdir()
    Path("d/e/up").symlink_to("..", target_is_directory=True)
    Path("d/self").symlink_to(".", target_is_directory=True)
    Path("d/other").symlink_to("../other", target_is_directory=True)
    Path("d/nowhere.json").symlink_to("gone.json")
    found = find("d")
    assert sorted(each.name for each in found) == ["d/a.json", "d/nowhere.json", "d/other/b.json"]
    assert [each.fault for each in found if each.name == "d/nowhere.json"] == [
        "cannot be read (no such file or directory)"
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("dumps/sesions.csv", "there is no such file or folder. Did you mean 'dumps/sessions.csv'"),
        ("gone/a.csv", "gone/a.csv: there is no such file or folder."),
        ("dumps/sessions.csv/a.csv", "there is no such file or folder."),
        ("", "'': there is no such file or folder."),
        ("x" * 300, "cannot be read"),
        ("a\0b", "cannot be read"),
        ("dumps/*.jsonl", "dumps/*.jsonl: no file fits this pattern"),
        ("empty", "empty: the folder holds no dump (nothing at all); names end in .json"),
        ("texts", "texts: the folder holds no dump (only 1 other); names end in .json"),
    ],
)
def test_a_source_that_names_nothing_is_an_error(here: Path, source: str, message: str) -> None:
    write("dumps/sessions.csv", "texts/a.txt")
    Path("empty").mkdir()
    with pytest.raises(ReadError, match=re.escape(message)):
        find(["dumps/sessions.csv", source])


def test_a_file_that_may_not_be_read_is_an_error_if_named_and_a_fault_if_met(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("d/a.json", "d/b.json")
    really = Path.open

    def refuse(path: Path, *args: str) -> io.BufferedReader:
        if path.name == "a.json":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, "rb")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ReadError, match=re.escape("d/a.json: cannot be read (permission denied)")):
        find("d/a.json")
    first, second = find("d")
    assert (first.fault, second.fault) == ("cannot be read (permission denied)", None)
    for found in (first, Found("d/a.json", path=Path("d/a.json"))):
        with pytest.raises(ReadError, match=r"^d/a.json: cannot be read \(permission denied\)$"):
            open_bytes(found)


def test_a_folder_that_may_not_be_searched_is_listed_with_its_fault(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("d/a.json", "d/e/b.json")
    really = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "e":
            raise PermissionError(13, "Permission denied", path)
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find("d")
    assert [(each.name, each.fault) for each in found] == [
        ("d/a.json", None),
        ("d/e", "the folder cannot be read (Permission denied)"),
    ]


def test_pipes_are_read_when_named_and_left_alone_in_folders(here: Path) -> None:
    write("d/a.json")
    os.mkfifo("d/pipe.json")
    assert names("d") == ["d/a.json", "(d/pipe.json)"]
    (found,) = find("d/pipe.json")
    threading.Thread(target=Path("d/pipe.json").write_bytes, args=(b"[1]",)).start()
    with open_bytes(found) as stream:
        assert everything(stream) == b"[1]"


def test_tables_that_sessionkit_wrote_are_no_dumps(here: Path) -> None:
    write("out/manifest.json", content=b'{"written_by": "sessionkit"}')
    write("out/sessions.csv", "out/deeper/a.csv")
    assert names(".") == ["out/deeper/a.csv", "(out/manifest.json)", "(out/sessions.csv)"]
    write("out/manifest.json", content=b'{"written_by": "another"}')
    assert names(".") == ["out/deeper/a.csv", "out/manifest.json", "out/sessions.csv"]


def test_a_link_that_leads_nowhere_is_listed(here: Path) -> None:
    write("a.json")
    Path("b.txt").symlink_to("nowhere")
    (link,) = (found for found in find(".") if found.name != "a.json")
    assert (link.name, link.size, link.skipped is None) == ("b.txt", None, False)


def test_names_are_unique() -> None:
    named = io.StringIO("{}")
    named.name = "x.json"
    assert names(io.BytesIO(), io.BytesIO(), named, io.BytesIO()) == [
        "<stream>",
        "<stream> (2)",
        "x.json",
        "<stream> (3)",
    ]


def test_members_of_an_archive_are_files(here: Path) -> None:
    Path("d").mkdir()
    with zipfile.ZipFile("d/x.csv.zip", "w") as archive:
        for name in ("b.csv", "in/a.json.gz", "notes.txt", "__MACOSX/b.csv", "in/"):
            archive.writestr(name, b"[]")
    expected = ["(d/x.csv.zip!__MACOSX/b.csv)", "d/x.csv.zip!b.csv", "d/x.csv.zip!in/a.json.gz"]
    assert names("d") == names("d/x.csv.zip") == [*expected, "(d/x.csv.zip!notes.txt)"]
    Path("d/x.csv.zip").rename("d/whatever")
    assert len(find("d/whatever")) == 4
    Path("d/broken.zip").write_bytes(b"PK\x03\x04 and no more")
    (found,) = find("d/broken.zip")
    assert (found.fault or "").startswith("the zip archive is damaged")
