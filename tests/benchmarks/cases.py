"""What is measured: each case a command, what it is compared with, and by what measure."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

HERE = Path(__file__).parent
QUESTIONS = ("totals", "states", "funnel", "discount_summary")
OURS = "sessionkit"
BY_HAND = "by_hand"
_HELP = "from sessionkit.cli import main; main(['--help'])"

Per = Literal["record", "byte", "run"]


class Case(NamedTuple):
    """One thing to measure.

    Attributes:
        name: What `--only` takes.
        group: So does this: `rivals`, `ways`, `store`, `sizes`, `questions`, `start`.
        title: What the table says.
        command: What runs; `{dump}`, `{out}` and `{folder}` stand for paths.
        dump: What it reads, a name of `data.make`; none for "".
        against: The case that it is a ratio to; none for "".
        per: What the ratio is of: cost per record, per byte, or of the whole run.
        needs: The modules that must be installed.
        cores: How many cores it may use; 0 for all.
        sessions: The size of the dump, where it is not the one asked for.
        inside: Whether the command itself tells `wall` and `cpu`, without its start.
    """

    name: str
    group: str
    title: str
    command: tuple[str, ...]
    dump: str = ""
    against: str = ""
    per: Per = "record"
    needs: tuple[str, ...] = ()
    cores: int = 0
    sessions: int = 0
    inside: bool = False

    def missing(self) -> list[str]:
        """The modules that it needs and that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


def _rival(name: str, title: str, *needs: str, dump: str = "few") -> Case:
    script = str(HERE / "rivals" / f"{name}.py")
    command = (sys.executable, script, "{dump}", "{out}")
    against = "" if name == BY_HAND else BY_HAND
    return Case(name, "rivals", title, command, dump, against, needs=needs)


def _ours(
    name: str,
    title: str,
    dump: str = "lines",
    *,
    group: str = "ways",
    against: str = OURS,
    per: Per = "record",
    cores: int = 0,
    sessions: int = 0,
) -> Case:
    words = ("flatten", "{dump}", "-o", "{out}", "--quiet", "--allow-rejects", "1000000000")
    command = (sys.executable, "-m", "sessionkit", *words)
    return Case(name, group, title, command, dump, against, per, cores=cores, sessions=sessions)


def _question(question: str) -> Iterable[Case]:
    for engine, title in (("duckdb", "DuckDB by hand"), ("", "sessionkit"), ("polars", "Polars")):
        name = f"{question}:{engine}" if engine else question
        command = (sys.executable, "-m", "tests.benchmarks.questions", engine or "ours", question)
        against = "" if engine == "duckdb" else f"{question}:duckdb"
        yield Case(
            name, "questions", f"{question}, {title}", (*command, "{folder}"),
            against=against, per="run", inside=True,
        )  # fmt: skip


def _store(what: str, title: str, against: str, per: Per = "run") -> Case:
    command = (sys.executable, "-m", "tests.benchmarks.stores", what, "{dump}", "{out}")
    inside = what != "load"
    return Case(what, "store", title, command, "lines", against, per, inside=inside)


def cases(sizes: Iterable[int] = ()) -> list[Case]:
    """All cases, those with a `sizes` of their own last.

    Args:
        sizes: Numbers of sessions to run ours on, for its memory.
    """
    python = (sys.executable, "-c")
    return [
        _rival(BY_HAND, "DuckDB by hand", "duckdb", dump="lines"),
        _ours(OURS, "sessionkit", group="rivals", against=BY_HAND),
        _rival("with_polars", "Polars", "polars"),
        _rival("with_pandas", "pandas", "pandas", "pyarrow"),
        _rival("with_sdk", "official SDK, decoding only", "talon_one", dump="lines"),
        _rival("with_dlt", "dlt into DuckDB", "dlt", "orjson"),
        _ours("one_core", "on one core", cores=1),
        _ours("array", "as one JSON array", "array", per="byte"),
        _ours("pages", "list pages", "pages", per="byte"),
        _ours("csv", "CSV export", "csv", per="byte"),
        _ours("bad", "1 % bad records", "bad"),
        _ours("digits", "every discount of 17 digits", "digits"),
        _store("load", "load into a new store", OURS, "record"),
        _store("daily", "a day's export of 20,000 on top of it", "load"),
        _store("one_file", "20,000 records in one file", ""),
        _store("small_files", "the same in 1,000 files", "one_file"),
        *(case for question in QUESTIONS for case in _question(question)),
        Case("click", "start", "import click", (*python, "import click"), per="run"),
        Case("help", "start", "sessionkit --help", (*python, _HELP), against="click", per="run"),
        *(
            _ours(f"size:{size}", f"{size:,} sessions", group="sizes", sessions=size)
            for size in sizes
        ),
    ]


def chosen(every: Iterable[Case], only: Iterable[str]) -> list[Case]:
    """The cases of these names or groups, with those that they are compared with; all for none.

    Raises:
        ValueError: There is no such case and no such group.

    Example:
        >>> [case.name for case in chosen(cases(), ["with_pandas"])]
        ['by_hand', 'with_pandas']
    """
    every = list(every)
    wanted = set(only) or {case.group for case in every}
    unknown = wanted - {word for case in every for word in (case.name, case.group)}
    if unknown:
        known = ", ".join(dict.fromkeys(word for case in every for word in (case.group, case.name)))
        raise ValueError(f"no case {', '.join(sorted(unknown))}; there are {known}")
    names = {case.name for case in every if wanted & {case.name, case.group}}
    names |= {case.against for case in every if case.name in names}
    return [case for case in every if case.name in names]
