"""Where the time of our own run goes, by stage, over all its threads.

A thread of its own looks every few milliseconds which module of the package each thread is in,
and what CPU that thread has used since. What the engines' own threads used meanwhile is shared
out evenly among the stages that were running. Sampling costs about a hundredth; a profiler that
counts calls would slow some stages more than others.

    python -m tests.benchmarks.stages sessions.jsonl out/
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from types import FrameType, TracebackType
from typing import NamedTuple

EVERY = 0.003
STAGES = {
    "starting": ("__init__", "__main__", "cli", "tables", "columns", "spellings", "sql"),
    "opening": ("sources", "found", "remote", "archives", "unpacking"),
    "cutting": (
        "window", "lines", "scanning", "objects", "resuming", "records", "splitting", "row_lines",
        "rows", "containers",
    ),
    "understanding": ("bulk", "dialects", "derive", "flatten", "decode", "values", "formats"),
    "checking": ("exact", "validate", "failures", "schemas", "doubts", "rejecting"),
    "spilling": ("staging", "staged", "spilling", "ledger", "digest"),
    "resolving": ("resolve", "rivals"),
    "auditing": ("audit",),
    "writing": ("sinks", "filling", "placing", "folder", "table_files", "manifest"),
}  # fmt: skip
"""The modules of each stage; a module that is in none counts under its own name."""

IMPORTING = "importing"
_WAITING = ("threading", "queue", "concurrent.futures._base", "concurrent.futures.thread")
_STAGE_OF = {module: stage for stage, modules in STAGES.items() for module in modules}
_PACKAGE = "sessionkit"


class Spent(NamedTuple):
    """Seconds: wall, of all threads together, and CPU."""

    wall: float
    cpu: float


def stage_of(module: str) -> str:
    """The stage of a module.

    Example:
        >>> stage_of("bulk.apart"), stage_of("importing"), stage_of("something.new")
        ('understanding', 'importing', 'something')
    """
    outer = module.partition(".")[0]
    return _STAGE_OF.get(outer, outer)


def module_of(frame: FrameType | None) -> str | None:
    """The module of the package that a thread is in, by its innermost frame; None outside it.

    Waiting for another thread is being nowhere.
    """
    innermost = frame
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name == "importlib._bootstrap" or frame.f_code.co_filename.startswith(
            "<frozen importlib"
        ):
            return IMPORTING
        if name == _PACKAGE or name.startswith(f"{_PACKAGE}."):
            if _waits(innermost):
                return None
            return name.partition(".")[2] or "__init__"
        frame = frame.f_back
    return None


def _waits(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_globals.get("__name__") in _WAITING


class Sampler:
    """Looks at the other threads of its process until it is left; then `spent` holds the sums."""

    def __init__(self) -> None:
        self.wall: defaultdict[str, float] = defaultdict(float)
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self.seen: dict[int, float] = {}
        self.looked = time.perf_counter()
        self.all_cpu = time.process_time()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Sampler:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.thread.join()

    @property
    def modules(self) -> dict[str, Spent]:
        """Seconds by module, the dearest first."""
        return _dearest({name: Spent(self.wall[name], self.cpu[name]) for name in self.wall})

    @property
    def stages(self) -> dict[str, Spent]:
        """Seconds by stage, the dearest first."""
        sums: dict[str, Spent] = {}
        for module, spent in self.modules.items():
            before = sums.get(stage_of(module), Spent(0.0, 0.0))
            more = Spent(before.wall + spent.wall, before.cpu + spent.cpu)
            sums[stage_of(module)] = more
        return _dearest(sums)

    def _run(self) -> None:
        while not self.ended.wait(EVERY):
            self._look()

    def _look(self) -> None:
        now, all_cpu = time.perf_counter(), time.process_time()
        running, of_threads = [], 0.0
        for ident, frame in sys._current_frames().items():
            try:
                used = time.clock_gettime(time.pthread_getcpuclockid(ident))
            except OSError:  # it has ended meanwhile
                continue
            more = used - self.seen.get(ident, 0.0)
            self.seen[ident] = used
            of_threads += more
            module = None if ident == self.thread.ident else module_of(frame)
            if module is not None:
                running.append(module)
                self.wall[module] += now - self.looked
                self.cpu[module] += more
        engines = max(0.0, all_cpu - self.all_cpu - of_threads)
        for module in running:
            self.cpu[module] += engines / len(running)
        self.looked, self.all_cpu = now, all_cpu


def _dearest(spent: dict[str, Spent]) -> dict[str, Spent]:
    return dict(sorted(spent.items(), key=lambda item: -item[1].cpu))


def profiled(dump: str, out: str) -> dict[str, dict[str, dict[str, float]]]:
    """Run flatten on a dump, and return wall and CPU by stage and by module."""
    with Sampler() as sampler:
        from sessionkit.cli import main

        words = ["flatten", dump, "-o", out, "--quiet", "--allow-rejects", "1000000000"]
        main(words, standalone_mode=False)
    return {
        what: {name: spent._asdict() for name, spent in found.items()}
        for what, found in {"stages": sampler.stages, "modules": sampler.modules}.items()
    }


if __name__ == "__main__":
    print(json.dumps(profiled(*sys.argv[1:])))
