"""How flattening and asking grow with the dump, embedded and on Spark: sessions against seconds.

    python -m tests.benchmarks.growth DUMP.jsonl --times 1,2,4,8 --engines 'embedded,local[1]'

The dump, JSON Lines of V1 sessions, is told as often as `--times` says, each time with other ids.
Every run has a process of its own; wall and CPU are those of all its processes together, Java's
too. `ready` is how long Python and Spark took to start; `staged` is what the readers handed to the
resolvers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir
from typing import Any

from tests.benchmarks.data import lines_of
from tests.benchmarks.runner import _family, run

ROOT = Path(__file__).parents[2]
_TICK = os.sysconf("SC_CLK_TCK")
_ID = b'"integrationId":"'


def grown(dump: Path, times: int, work: Path) -> Path:
    """The dump told so often, made if it is not there yet."""
    path = work / f"{dump.stem}-{times}.jsonl"
    if times == 1:
        return dump
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as out:
            for number in range(times):
                new = _ID + b"%d-" % number
                out.writelines(line.replace(_ID, new, 1) + b"\n" for line in lines_of(dump))
        part.rename(path)
    return path


class Watch:
    """The CPU seconds of this process's descendants, and the bytes that lie staged below a folder.

    Those of a process that ends between two looks are counted up to the first.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._seconds: dict[int, float] = {}
        self._ended = threading.Event()
        self.staged = 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """The seconds, up to now."""
        self._ended.set()
        self._thread.join()
        return sum(self._seconds.values())

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            for pid in _family(os.getpid())[1:]:
                try:
                    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                self._seconds[pid] = (int(told[11]) + int(told[12])) / _TICK
            files = self._out.glob(".spark-*/*.staged")
            self.staged = max(self.staged, sum(_size(file) for file in files))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def work_once(engine: str, dump: str, out: str, begun: float) -> dict[str, float]:
    """Flatten and ask once, in this process; the seconds of each step."""
    import sessionkit as sk

    if engine == "embedded":
        ready = time.time()
        folder = sk.to_folder(dump, output=out)
        flattened = time.time()
        sk.totals(folder, by="month")
    else:
        from sessionkit.spark import flatten, spark_session, totals

        settings = {"spark__driver__host": "127.0.0.1", "spark__ui__enabled": "false"}
        spark = spark_session(engine, spark__log__level="ERROR", **settings)
        ready = time.time()
        flatten(spark, dump, out)
        flattened = time.time()
        totals(spark, out, by="month")
    asked = time.time()
    return {"ready": ready - begun, "flatten": flattened - ready, "totals": asked - flattened}


def measured(engine: str, dump: Path, work: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    out = work / "out"
    rmtree(out, ignore_errors=True)
    watch = Watch(out)
    words = ("tests.benchmarks.growth", "--once", engine, dump, out, time.time())
    cost = run([sys.executable, "-W", "ignore", "-m", *map(str, words)], cwd=ROOT)
    cpu = max(watch.end(), cost.cpu)
    if cost.status:
        raise SystemExit(f"{engine}: {cost.errors}")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return {
        "engine": engine,
        "sessions": manifest["counts"]["sessions"],
        "bytes": dump.stat().st_size,
        "wall": cost.wall,
        "cpu": cpu,
        "memory": cost.memory,
        "staged": watch.staged,
        **cost.told,
    }


def lines(results: list[dict[str, Any]]) -> Iterator[str]:
    """The results as a table."""
    yield "sessions   engine     ready s  flatten s  totals s   wall s    CPU s  peak MB  staged MB"
    for each in results:
        yield (
            f"{each['sessions']:>9,}  {each['engine']:<9} {each['ready']:8.1f} "
            f"{each['flatten']:10.1f} {each['totals']:9.1f} {each['wall']:8.1f} "
            f"{each['cpu']:8.1f} {each['memory'] / 2**20:8.0f} {each['staged'] / 2**20:10.0f}"
        )


def main() -> int:
    """Measure, and print."""
    if sys.argv[1] == "--once":
        engine, dump, out, begun = sys.argv[2:]
        print(json.dumps(work_once(engine, dump, out, float(begun))))
        return 0
    parser = argparse.ArgumentParser("python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--times", default="1,2,4,8")
    parser.add_argument("--engines", default="embedded,local[1],local[2]")
    parser.add_argument("--json", type=Path, metavar="FILE")
    work = Path(gettempdir()) / "sessionkit-benchmarks" / "growth"
    parser.add_argument("--work", type=Path, default=work)
    asked = parser.parse_args()
    results = []
    for times in map(int, asked.times.split(",")):
        dump = grown(asked.dump, times, asked.work)
        for engine in asked.engines.split(","):
            results.append(measured(engine, dump.resolve(), asked.work.resolve()))
            print(list(lines(results))[-1], file=sys.stderr, flush=True)
    print("\n".join(lines(results)))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
