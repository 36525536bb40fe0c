"""The rounds: every case in turn, again and again, and what each cost at best.

Cases take turns so that a slow minute of the machine falls on all of them. Of several rounds the
cheapest counts, for wall and for CPU: what others do on the machine only ever adds. Of memory,
the most.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

from tests.benchmarks.cases import OURS, Case, cases
from tests.benchmarks.runner import Cost, run

ROOT = Path(__file__).parents[2]
Say = Callable[[str], None]


@dataclass
class Measured:
    """A case and what came of it.

    Attributes:
        case: What ran.
        bytes: The size of what it read.
        walls, cpus: Seconds, round by round.
        memory: Bytes, the most of all rounds.
        rows: Rows written per table, as it told.
        skipped: Why it did not run, or how it failed.
    """

    case: Case
    bytes: int = 0
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    memory: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    skipped: str = ""

    @property
    def wall(self) -> float:
        """The least seconds from start to end."""
        return min(self.walls)

    @property
    def cpu(self) -> float:
        """The least seconds of all cores."""
        return min(self.cpus)

    @property
    def records(self) -> int:
        """How many records were read."""
        return self.rows.get("records", self.rows.get("sessions", 0))

    def add(self, cost: Cost, out: Path) -> None:
        """Take in one round."""
        if cost.status:
            said = cost.errors.strip().splitlines() or ["nothing said"]
            self.skipped = f"ended with status {cost.status}: {said[-1]}"
            return
        inside = self.case.inside
        self.walls.append(cost.told["wall"] if inside else cost.wall)
        self.cpus.append(cost.told["cpu"] if inside else cost.cpu)
        self.memory = max(self.memory, cost.memory)
        self.rows = {} if inside else cost.told or _told_by_manifest(out)


def _told_by_manifest(out: Path) -> dict[str, int]:
    """The rows that flatten wrote, and the records that it read."""
    path = out / "manifest.json"
    if not path.exists():
        return {}
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rows = {name: sum(file["rows"] for file in files) for name, files in manifest["tables"].items()}
    return rows | {"records": manifest["counts"]["records"]}


@dataclass(frozen=True)
class Bench:
    """Where and on how much it is measured.

    Attributes:
        work: The folder for dumps and for what is written; dumps in it are used again.
        sessions: How many sessions a dump has.
        few: How many of their records the slow rivals get.
        rounds: How often each case runs; those of a size of their own run once.
        say: Takes a line about what is going on.
        folder: What the questions are asked about, if not what ours wrote.
    """

    work: Path
    sessions: int
    few: int
    rounds: int
    say: Say
    folder: Path | None = None

    def dumps(self, wanted: Iterable[Case]) -> dict[str, Path]:
        """The dump of each case by the case's name; made in processes of their own."""
        wanted = [case for case in wanted if case.dump]
        found: dict[str, Path] = {}
        for sessions in sorted({case.sessions for case in wanted}):
            of_size = [case for case in wanted if case.sessions == sessions]
            names = sorted({case.dump for case in of_size})
            count = sessions or self.sessions
            self.say(f"data: {', '.join(names)} of {count:,} sessions")
            words = ["tests.benchmarks.data", self.work / str(count), count, self.few, *names]
            cost = run([sys.executable, "-m", *map(str, words)], cwd=ROOT)
            if cost.status:
                raise RuntimeError(f"could not make the dumps: {cost.errors}")
            found |= {case.name: Path(cost.told[case.dump]) for case in of_size}
        return found

    def out(self, case: Case) -> Path:
        """The folder that a case writes to."""
        return self.work / "out" / case.name.replace(":", "-")

    def once(self, case: Case, dump: Path | None) -> Cost:
        """Run a case once, into an empty folder."""
        out = self.out(case)
        rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        paths = {"dump": dump, "out": out, "folder": self.folder or self.work / "out" / OURS}
        places = {f"{{{name}}}": str(path) for name, path in paths.items()}
        command = [places.get(word, word) for word in case.command]
        return run(command, cores=case.cores, cwd=ROOT)

    def measure(self, chosen: Iterable[Case]) -> list[Measured]:
        """Run all cases, round by round."""
        all_ = [Measured(case) for case in chosen]
        for one in all_:
            if missing := one.case.missing():
                one.skipped = f"not installed: {', '.join(missing)} (pip install -e '.[bench]')"
        dumps = self.dumps(one.case for one in all_ if not one.skipped)
        for one in all_:
            one.bytes = dumps[one.case.name].stat().st_size if one.case.name in dumps else 0
        asked = any(one.case.group == "questions" for one in all_)
        if asked and not self.folder and OURS not in dumps:
            ours = next(case for case in cases() if case.name == OURS)
            self.say("data: the folder to ask")
            self.once(ours, self.dumps([ours])[OURS])
        for number in range(1, self.rounds + 1):
            for one in all_:
                if one.skipped or (one.case.sessions and number > 1):
                    continue
                one.add(self.once(one.case, dumps.get(one.case.name)), self.out(one.case))
                cost = one.skipped or f"{one.walls[-1]:.2f} s, CPU {one.cpus[-1]:.2f} s"
                self.say(f"round {number}: {one.case.name}: {cost}")
        return all_
