"""`python -m tests.benchmarks`: make the data, run every rival and ours, print what they cost."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import gettempdir

from tests.benchmarks.cases import OURS, cases, chosen
from tests.benchmarks.chart import chart
from tests.benchmarks.measure import ROOT, Bench, Measured
from tests.benchmarks.runner import run
from tests.benchmarks.table import as_json, failed, text

ABOUT = """Runs every rival and ours in turn, in processes of their own, several rounds, and prints
wall, CPU, peak memory and the ratio to the DuckDB script written by hand.

Rivals need the extra: pip install -e '.[bench]'. Those not installed are told and left out."""


def options() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=ABOUT)
    parser.add_argument("--sessions", type=int, default=300_000, help="how many (300000)")
    parser.add_argument("--few", type=int, default=20_000, help="records for slow rivals (20000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each runs (3)")
    parser.add_argument(
        "--sizes", default="", help="also run ours on so many sessions, for its memory: 1000000,…"
    )
    parser.add_argument("--only", default="", help="cases or groups of them, comma between")
    parser.add_argument("--folder", type=Path, help="a flattened folder to ask the questions")
    parser.add_argument("--stages", action="store_true", help="profile our own run by stage, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the rivals there, as SVG")
    work = Path(gettempdir()) / "sessionkit-benchmarks"
    parser.add_argument("--work", type=Path, default=work, help=f"where dumps are kept ({work})")
    return parser


def split(words: str) -> list[str]:
    """The words between commas."""
    return [word for word in words.split(",") if word]


def say(line: str) -> None:
    """Tell on standard error what is going on."""
    print(line, file=sys.stderr, flush=True)


def profile(bench: Bench, all_: list[Measured]) -> object:
    """The profile of our own run by stage, in a process of its own."""
    ours = next((one.case for one in all_ if one.case.name == OURS), None)
    if ours is None:
        return None
    say("profile by stage")
    words = ("tests.benchmarks.stages", bench.dumps([ours])[OURS], bench.out(ours) / "profiled")
    cost = run([sys.executable, "-m", *map(str, words)], cwd=ROOT)
    if cost.status:
        say(cost.errors)
    return cost.told or None


def main() -> int:
    """Measure, and print."""
    parser = options()
    asked = parser.parse_args()
    if min(asked.sessions, asked.few, asked.rounds) < 1:
        parser.error("--sessions, --few and --rounds must be at least 1")
    try:
        cases_ = chosen(cases(map(int, split(asked.sizes))), split(asked.only))
    except ValueError as error:
        parser.error(str(error))
    folder = asked.folder.resolve() if asked.folder else None
    bench = Bench(asked.work.resolve(), asked.sessions, asked.few, asked.rounds, say, folder)
    all_ = bench.measure(cases_)
    results = as_json(bench, all_, profile(bench, all_) if asked.stages else None)
    if asked.json:
        whole = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        asked.json.write_text(whole, encoding="utf-8")
    if asked.chart:
        asked.chart.write_text(chart(results), encoding="utf-8")
    print(text(results))
    return 1 if failed(results) else 0


if __name__ == "__main__":
    sys.exit(main())
