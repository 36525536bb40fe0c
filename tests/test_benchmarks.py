"""The benchmarks: they run, every rival does the same work, and the figures are told right.

Nothing here says how fast anything must be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from math import isclose
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest

import sessionkit as sk
from tests.benchmarks import data
from tests.benchmarks.cases import QUESTIONS, Case, cases, chosen
from tests.benchmarks.chart import chart
from tests.benchmarks.measure import Bench, Measured
from tests.benchmarks.questions.ask import ENGINES
from tests.benchmarks.runner import run
from tests.benchmarks.stages import STAGES, Sampler
from tests.benchmarks.table import as_json, failed, text

ROOT = Path(__file__).parents[1]
RIVALS = ("by_hand", "with_polars", "with_pandas")
LINE = (
    b'{"integrationId":"S-1","applicationId":270,"created":"2026-01-31T09:05:27Z",'
    b'"updated":"2026-01-31T09:15:27Z","profileId":"","coupon":"","referral":"","state":"open",'
    b'"cartItems":[{"sku":"tea","quantity":2,"price":5}],"total":10,"attributes":{},'
    b'"firstSession":true,"discounts":{}}'
)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def ran(work: Path) -> subprocess.CompletedProcess[str]:
    """The documented command, on little."""
    words = ["--sessions", "200", "--few", "1000", "--rounds", "1", "--work", str(work)]
    files = ["--json", str(work / "results.json"), "--chart", str(work / "chart.svg"), "--stages"]
    only = ",".join((*RIVALS, "sessionkit", "bad", "totals", "start"))
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *words, *files, "--only", only],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def results(ran: subprocess.CompletedProcess[str], work: Path) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told: dict[str, Any] = json.loads((work / "results.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def records(ran: subprocess.CompletedProcess[str], work: Path) -> list[dict[str, Any]]:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = (work / "200" / "lines.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_rival_writes_every_row_of_the_dump(
    results: dict[str, Any], records: list[dict[str, Any]], work: Path
) -> None:
    items = [item for record in records for item in record["cartItems"]]
    attributes = [owner["attributes"] for owner in (*records, *items) if "attributes" in owner]
    there = {
        "sessions": len(records),
        "cart_items": len(items),
        "discounts": sum(len(record["discounts"]) for record in records),
        "coupons": sum(bool(record["coupon"]) for record in records),
        "identifiers": sum(len(record.get("identifiers", ())) for record in records),
        "additional_costs": sum(len(item.get("additionalCosts", ())) for item in items),
        "attributes": sum(map(len, attributes)),
    }
    assert min(there.values()) > 0
    told = {case["name"]: case["rows"] for case in results["cases"]}
    for rival in RIVALS:
        assert told[rival] == there, rival
        for table, rows in there.items():
            written = work / "out" / rival / f"{table}.parquet"
            assert pq.read_metadata(written).num_rows == rows, (rival, table)


def test_ours_accounts_for_every_record(
    results: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    rows = {case["name"]: case["rows"] for case in results["cases"]}
    keys = {(record["applicationId"], record["integrationId"]) for record in records}
    assert rows["sessionkit"]["records"] == rows["bad"]["records"] == len(records)
    assert rows["sessionkit"]["sessions"] == len(keys)
    assert rows["sessionkit"]["rejects"] == 0
    assert rows["bad"]["rejects"] == len(records) // data.BAD_EACH > 0


def test_the_json_holds_costs_and_ratios(results: dict[str, Any]) -> None:
    cases_ = {case["name"]: case for case in results["cases"]}
    assert list(cases_)[:2] == ["by_hand", "sessionkit"]
    for case in cases_.values():
        assert case["wall"] == min(case["walls"]) > 0
        assert case["cpu"] == min(case["cpus"]) > 0
        assert case["memory"] > 1_000_000
    against = {name: case["ratio"] and case["ratio"]["against"] for name, case in cases_.items()}
    assert against == {
        "by_hand": None,
        "sessionkit": "by_hand",
        "with_polars": "by_hand",
        "with_pandas": "by_hand",
        "bad": "sessionkit",
        "totals:duckdb": None,
        "totals": "totals:duckdb",
        "click": None,
        "help": "click",
    }
    ours, hand = cases_["sessionkit"], cases_["by_hand"]
    assert isclose(ours["ratio"]["cpu"], ours["cpu"] / hand["cpu"])
    assert results["machine"]["cores"] >= 1
    assert set(results["machine"]["versions"]) >= {"sessionkit", "duckdb", "polars"}


def test_the_table_shows_every_case_and_stage(
    results: dict[str, Any], ran: subprocess.CompletedProcess[str]
) -> None:
    assert ran.stdout == text(results) + "\n"
    rows = {line.split("|")[1].strip(): line for line in ran.stdout.splitlines() if "|" in line}
    for case in results["cases"]:
        cells = [cell.strip() for cell in rows[case["title"]].split("|")]
        assert cells[2] == (f"{case['records']:,}" if case["records"] else "")
        assert cells[-2] == (f"{case['ratio']['cpu']:.2f}" if case["ratio"] else "")
    assert results["stages"]["stages"]["importing"]["cpu"] > 0
    assert results["stages"]["stages"].keys() <= rows.keys()


def test_the_chart_has_a_dot_for_every_rival(results: dict[str, Any], work: Path) -> None:
    drawn = (work / "chart.svg").read_text(encoding="utf-8")
    assert drawn == chart(results)
    svg = ElementTree.fromstring(drawn)
    space = {"": "http://www.w3.org/2000/svg"}
    words = [word.text for word in svg.findall("text", space)]
    assert len(svg.findall("circle", space)) == 4
    assert {"DuckDB by hand", "sessionkit", "Polars", "pandas"} <= set(words)


ONLY_OURS = {"funnel": ("observed", "inferred")}
"""What the others cannot tell as ours does, which asks other versions of a session as well."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_engines_give_the_same_figures(
    question: str, results: dict[str, Any], work: Path
) -> None:
    assert results
    answers = {
        engine: {tuple(map(str, list(row.values())[:2])): row for row in _first_by_key(rows)}
        for engine, ask in ENGINES.items()
        for rows in [ask(question, work / "out" / "sessionkit")]
    }
    ours = answers.pop("ours")
    assert ours
    for engine, theirs in answers.items():
        assert ours.keys() == theirs.keys(), engine
        for key, row in ours.items():
            assert row.keys() == theirs[key].keys(), engine
            for name, value in row.items():
                other = theirs[key][name]
                if name in ONLY_OURS.get(question, ()):
                    continue
                close = isinstance(value, float) and isclose(value, other, rel_tol=1e-12)
                assert close or value == other, (engine, key, name)


def _first_by_key(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with what they are about in front, wherever an engine puts it."""
    about = ("application_id", "month", "state", "label", "name")
    return [{name: row[name] for name in sorted(row, key=lambda n: n not in about)} for row in rows]


@pytest.mark.parametrize("way", data.SPOILS)
def test_every_way_to_spoil_a_record_has_it_rejected(way: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_bytes(LINE + b"\n" + data.SPOILS[way](LINE.replace(b"S-1", b"S-2")) + b"\n")
    tables = sk.read(dump)
    assert tables.sessions["integration_id"].to_pylist() == ["S-1"]
    assert tables.rejects.num_rows == 1


@pytest.fixture(scope="module")
def told(work: Path) -> dict[str, Path]:
    return {name: data.make(work, 150, name, 20) for name in ("lines", *_OTHERS)}


_OTHERS = ("few", "array", "pages", "csv", "digits")


def test_a_dump_told_otherwise_holds_the_same_sessions(told: dict[str, Path]) -> None:
    lines = told["lines"].read_bytes().splitlines()
    records = [json.loads(line) for line in lines]
    assert told["few"].read_bytes().splitlines() == lines[:20]
    assert json.loads(told["array"].read_bytes()) == records
    digits = [json.loads(line) for line in told["digits"].read_bytes().splitlines()]
    for plain, long in zip(records, digits, strict=True):
        assert long == plain | {"discounts": dict.fromkeys(plain["discounts"], 12.345678901234567)}
    assert any(record["discounts"] for record in digits)


@pytest.mark.parametrize(("name", "dialect"), [("pages", "session_list"), ("csv", "csv_export")])
def test_generated_dumps_are_read_whole(name: str, dialect: str, told: dict[str, Path]) -> None:
    tables = sk.read(told[name])
    assert tables.sessions.num_rows > 50
    assert set(tables.sessions["dialect"].to_pylist()) == {dialect}
    assert tables.rejects.num_rows == 0


def test_a_dump_is_made_once(told: dict[str, Path], work: Path) -> None:
    before = told["array"].stat().st_mtime_ns
    assert data.make(work, 150, "array", 20) == told["array"]
    assert told["array"].stat().st_mtime_ns == before


BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
HOLD = "import time; held = b'x' * (100 << 20); time.sleep(0.4)"


def test_what_a_process_starts_is_counted_to_it() -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
    assert run([sys.executable, "-c", child]).cpu >= 0.3


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no such file here")
def test_memory_is_that_of_all_processes_together() -> None:
    alone = run([sys.executable, "-c", HOLD]).memory
    start = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {HOLD!r}]);"
    both = run([sys.executable, "-c", f"{start} {HOLD}; p.wait()"]).memory
    assert alone > 100 << 20
    assert both > 200 << 20


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no such thing here")
def test_a_process_can_be_kept_to_one_core() -> None:
    code = "import os; print('{\"cores\": %d}' % len(os.sched_getaffinity(0)))"
    mine = len(os.sched_getaffinity(0))
    assert run([sys.executable, "-c", code], cores=1).told == {"cores": 1}
    assert run([sys.executable, "-c", code]).told == {"cores": mine}


def test_a_process_that_fails_is_told() -> None:
    cost = run([sys.executable, "-c", "import sys; sys.exit('no such thing')"])
    assert (cost.status, cost.errors.strip(), cost.told) == (1, "no such thing", {})


def _case(name: str, code: str, **more: Any) -> Case:
    return Case(name, "ways", name, (sys.executable, "-c", code), **more)


def test_what_cannot_run_or_fails_is_told_in_the_table(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 1, 1, 2, lambda line: None)
    all_ = bench.measure(
        [
            _case("fine", "print('{\"sessions\": 3}')"),
            _case("absent", "", needs=("no_such_module",), against="fine"),
            _case("broken", "1 / 0", against="fine"),
        ]
    )
    told = as_json(bench, all_)
    assert [len(one.walls) for one in all_] == [2, 0, 0]
    assert failed(told) == ["broken"]
    assert "not installed: no_such_module" in text(told)
    assert "ZeroDivisionError" in text(told)


@pytest.mark.parametrize(
    ("per", "wall", "cpu"), [("record", 1.5, 6.0), ("byte", 2.0, 8.0), ("run", 3.0, 12.0)]
)
def test_ratios_are_by_record_byte_or_run(per: Any, wall: float, cpu: float) -> None:
    base = Measured(_case("base", ""), 100, [2.0, 4.0], [1.0, 0.5], rows={"sessions": 10})
    one = Measured(
        _case("one", "", against="base", per=per), 150, [9.0, 6.0], [6.0], rows={"records": 20}
    )
    bench = Bench(Path(), 1, 1, 1, lambda line: None)
    ratio = as_json(bench, [base, one])["cases"][1]["ratio"]
    assert (ratio["against"], ratio["per"]) == ("base", per)
    assert (ratio["wall"], ratio["cpu"]) == pytest.approx((wall, cpu))


def test_an_unknown_case_is_refused() -> None:
    with pytest.raises(ValueError, match="no case nonsense; there are rivals, by_hand"):
        chosen(cases(), ["nonsense"])
    assert [case.name for case in chosen(cases([500]), ["sizes"])] == ["sessionkit", "size:500"]


def _module(name: str) -> ModuleType:
    """A module of the package, as far as a profile sees, that burns or waits."""
    module = ModuleType(name)
    code = (
        "import time, threading\n"
        "def burn():\n    end = time.thread_time() + 0.3\n"
        "    while time.thread_time() < end: pass\n"
        "def wait():\n    threading.Event().wait(0.3)\n"
    )
    exec(code, module.__dict__)
    return module


def test_a_profile_counts_threads_by_stage_and_waiting_to_none() -> None:
    cutting, own = _module("sessionkit.splitting"), _module("sessionkit.brand_new")
    waiting = _module("sessionkit.audit")
    with Sampler() as sampler:
        threads = [
            threading.Thread(target=target) for target in (cutting.burn, own.burn, waiting.wait)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(0.02)
    assert set(sampler.modules) == {"splitting", "brand_new"}
    assert sampler.stages["cutting"] == sampler.modules["splitting"]
    for spent in sampler.stages.values():
        assert 0.2 < spent.cpu < 0.5


def test_a_module_belongs_to_one_stage() -> None:
    modules = [module for modules in STAGES.values() for module in modules]
    assert len(modules) == len(set(modules))
