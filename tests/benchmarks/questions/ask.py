"""One question, asked of one engine; and how long it takes, asked again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OPTIONS: dict[str, dict[str, str]] = {
    "totals": {"by": "month"},
    "discount_summary": {"by": "label"},
}
TIMES = 7

Answer = list[dict[str, Any]]


def ours(question: str, folder: Path) -> Answer:
    """The answer of sessionkit."""
    import sessionkit as sk

    return rows(getattr(sk, question)(folder, **OPTIONS.get(question, {})).table)


def duckdb(question: str, folder: Path) -> Answer:
    """The answer of the SQL written by hand, in a connection of its own."""
    import duckdb

    query = (HERE / f"{question}.sql").read_text(encoding="utf-8")
    for table in ("sessions", "cart_items", "discounts", "additional_costs"):
        parts = folder / table
        files = f"{parts}/*.parquet" if parts.is_dir() else f"{parts}.parquet"
        query = query.replace(f"'{table}.parquet'", f"'{files}'")
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        return rows(con.sql(query).to_arrow_table())


def polars(question: str, folder: Path) -> Answer:
    """The answer of Polars."""
    from tests.benchmarks.questions.in_polars import ANSWERS

    return ANSWERS[question](folder).to_dicts()


def rows(table: Any) -> Answer:
    """The rows of an Arrow table."""
    answer: Answer = table.to_pylist()
    return answer


ENGINES: dict[str, Callable[[str, Path], Answer]] = {
    "ours": ours,
    "duckdb": duckdb,
    "polars": polars,
}


def timed(engine: str, question: str, folder: Path) -> dict[str, float]:
    """The least seconds, wall and CPU, of several times; the first, with its imports, not."""
    ask = ENGINES[engine]
    ask(question, folder)
    spent = []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        ask(question, folder)
        spent.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {"wall": min(wall for wall, _ in spent), "cpu": min(cpu for _, cpu in spent)}
