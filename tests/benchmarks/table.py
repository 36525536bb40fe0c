"""The results, as a table to read and as JSON to keep.

A ratio compares what one record cost here and there (for other containers, one byte; for
questions and starts, the whole), once for wall and once for CPU.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Bench, Measured

SHOWN = ("sessionkit", "duckdb", "polars", "pyarrow", "pandas", "talon-one-sdk", "dlt")
HEADINGS = {
    "rivals": "A dump of {sessions:,} sessions, against others",
    "ways": "Other ways of writing and reading it",
    "store": "Loads into a store",
    "sizes": "Memory by size",
    "questions": "Questions over the flattened folder, warm, in one process",
    "start": "Start",
}
COLUMNS = ("", "records", "wall s", "CPU s", "peak MB", "µs CPU a record", "wall ×", "CPU ×")


def machine() -> dict[str, Any]:
    """What it ran on: processor, cores, memory, system, and the versions of what ran."""
    processor = platform.processor()
    about = Path("/proc/cpuinfo")
    if about.exists():
        lines = about.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor,
        "cores": cores,
        "memory_bytes": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: found for name in SHOWN if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def ratios(one: Measured, others: Mapping[str, Measured]) -> dict[str, Any] | None:
    """How many times what it is compared with it costs; None where there is nothing to compare."""
    other = others.get(one.case.against)
    if other is None or one.skipped or other.skipped:
        return None
    per = one.case.per
    amounts = {"run": (1, 1), "record": (one.records, other.records)}
    ours, theirs = amounts.get(per, (one.bytes, other.bytes))
    if not ours or not theirs:
        return None
    return {
        "against": other.case.name,
        "per": per,
        "wall": (one.wall / ours) / (other.wall / theirs),
        "cpu": (one.cpu / ours) / (other.cpu / theirs),
    }


def as_json(bench: Bench, all_: Sequence[Measured], stages: Any = None) -> dict[str, Any]:
    """Everything measured, as JSON values: seconds, bytes, and ratios.

    Args:
        bench: How it was measured.
        all_: The cases.
        stages: The profile of our own run by stage and by module, if there is one.
    """
    others = {one.case.name: one for one in all_}
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "sessions": bench.sessions,
        "rounds": bench.rounds,
        "cases": [_case(one, others) for one in all_],
        "stages": stages,
    }


def _case(one: Measured, others: Mapping[str, Measured]) -> dict[str, Any]:
    about = {"name": one.case.name, "group": one.case.group, "title": one.case.title}
    if one.skipped:
        return about | {"skipped": one.skipped}
    return about | {
        "dump": one.case.dump,
        "bytes": one.bytes,
        "records": one.records,
        "rows": one.rows,
        "wall": one.wall,
        "cpu": one.cpu,
        "memory": one.memory,
        "walls": one.walls,
        "cpus": one.cpus,
        "ratio": ratios(one, others),
    }


def text(results: Mapping[str, Any]) -> str:
    """The results as a Markdown document: for each group a table."""
    parts = []
    for group, heading in HEADINGS.items():
        found = [case for case in results["cases"] if case["group"] == group]
        if found:
            rows = [COLUMNS, *map(_row, found)]
            parts.append(f"{heading.format(**results)}\n\n{aligned(rows)}")
            parts += [f"{case['title']}: {case['skipped']}" for case in found if "skipped" in case]
    if results["stages"]:
        parts.append(
            f"Our own run, by stage\n\n{aligned(_stage_rows(results['stages']['stages']))}"
        )
    return "\n\n".join([*parts, _where(results)])


def _row(case: Mapping[str, Any]) -> tuple[str, ...]:
    if "skipped" in case:
        return (case["title"], "not run", *[""] * (len(COLUMNS) - 2))
    records, ratio = case["records"], case["ratio"]
    return (
        case["title"],
        f"{records:,}" if records else "",
        f"{case['wall']:.3g}" if case["wall"] < 100 else f"{case['wall']:.0f}",
        f"{case['cpu']:.3g}" if case["cpu"] < 100 else f"{case['cpu']:.0f}",
        f"{case['memory'] / 1e6:,.0f}",
        f"{case['cpu'] / records * 1e6:,.1f}" if records else "",
        f"{ratio['wall']:.2f}" if ratio else "",
        f"{ratio['cpu']:.2f}" if ratio else "",
    )


def _stage_rows(stages: Mapping[str, Mapping[str, float]]) -> Iterable[tuple[str, ...]]:
    yield "stage", "wall s", "CPU s", "share of CPU"
    total = sum(stage["cpu"] for stage in stages.values()) or 1
    for name, stage in stages.items():
        share = f"{stage['cpu'] / total:.0%}"
        yield name, f"{stage['wall']:.2f}", f"{stage['cpu']:.2f}", share


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as a Markdown table, the first row its head, all but the first column right.

    Example:
        >>> print(aligned([("", "s"), ("a", "1.5"), ("bcd", "12.5")]))
        |     |    s |
        |-----|-----:|
        | a   |  1.5 |
        | bcd | 12.5 |
    """
    head, *body = rows
    table = [head, *body]
    wide = [max(len(row[place]) for row in table) for place in range(len(head))]
    lines = [
        "| " + " | ".join(_cell(place, cell, wide[place]) for place, cell in enumerate(row)) + " |"
        for row in table
    ]
    rule = [("-" * (width + 2)) if not place else "-" * (width + 1) + ":"
            for place, width in enumerate(wide)]  # fmt: skip
    return "\n".join([lines[0], "|" + "|".join(rule) + "|", *lines[1:]])


def _cell(place: int, cell: str, wide: int) -> str:
    return cell.rjust(wide) if place else cell.ljust(wide)


def _where(results: Mapping[str, Any]) -> str:
    about = results["machine"]
    versions = ", ".join(f"{name} {found}" for name, found in about["versions"].items())
    return (
        f"{about['processor']}, {about['cores']} cores, {about['memory_bytes'] / 2**30:.0f} GiB, "
        f"{about['system']}; Python {about['python']}, {versions}. "
        f"Best of {results['rounds']} rounds, {results['measured_at'][:10]}."
    )


def failed(results: Mapping[str, Any]) -> list[str]:
    """The names of the cases that ran and did not end well."""
    return [case["name"] for case in results["cases"] if "ended with" in case.get("skipped", "")]
