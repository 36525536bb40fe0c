"""A bench on which a question is prepared that Spark answers.

What is made ready is the same as on the embedded engine, in the texts of `spark/sql`. A variable is
a parameter of the statements that read it; a group is one struct, `by_group` (with labels that
group discounts, `full_group`), in which each value has beside it whether it is null, so that null
groups come last. Answers, which are small, lie on a desk: a private DuckDB on the driver.

Layer: inside `spark`, above `variables`; imports `questions` from below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sessionkit.database import quoted
from sessionkit.errors import EngineError, QueryError
from sessionkit.plain_words import TOO_LARGE
from sessionkit.questions.workbench import Workbench, literal
from sessionkit.spark.sql import text_of
from sessionkit.spark.starting import first_line
from sessionkit.spark.variables import VARIABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_VARIABLE = re.compile(r"getvariable\('(\w+)'\)")
_PARAMETER = re.compile(r"(?<![:\w'\"]):([a-z]\w*)")
_OF_GROUP = re.compile(r" as ((?:by|label)_\w+)")
_MOST_TURNS = 1_000


@dataclass(frozen=True)
class SparkBench(Workbench):
    """Where a question is prepared for Spark; `connection` is that of the desk.

    Attributes:
        session: A session of its own: its settings, views and functions are no one else's.
        values: The variables, by their names.
        held: What Spark holds worked out, to be let go of at the end.
        bound: The views that Spark knows, with the text, values and views that they were made of.
    """

    session: SparkSession = field(kw_only=True)
    values: dict[str, Any] = field(default_factory=dict)
    held: list[DataFrame] = field(default_factory=list)
    bound: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    inlined = ""

    def text_of(self, name: str) -> str:
        """The text of a `.sql` file, in Spark's words."""
        return text_of(name)

    def keep(self, name: str, value: object) -> None:
        """Keep a value, to be bound where it is read."""
        self.values[name] = value
        self.said.append(f"-- :{name} = {literal(value)}")

    def keep_secret(self, name: str, value: str, told: str) -> None:
        """Keep a value of which the text that is kept tells only something else."""
        self.values[name] = value
        self.said.append(f"-- :{name} = {literal(told)}")

    def keep_from(self, name: str, expression: str) -> None:
        """Keep what an expression of the package's own gives."""
        if expression == "null":
            self.keep(name, None)
        else:
            ((value,),) = (row.values() for row in self.rows(f"select {expression} as it"))
            self.keep(name, value)

    def keep_row(self, table: str, columns: Sequence[str]) -> None:
        """Keep the columns of a table of one row, at the price of one job."""
        (row,) = self.rows(f"select {', '.join(columns)} from {table}")  # noqa: S608 (our names)
        for name, value in row.items():
            self.keep(name, value)

    def table(self, name: str, text: str, *, of_several: bool = False) -> None:
        """Work a select out once, when it is first read, from all sessions alike."""
        self.said.append(f"create temporary view {name} as\n{self.whole(text)};")
        start, *rest = text.split(";\n\n")
        with in_spark_words():
            frame = self._settled(name, start, rest) if rest else self._held(start)
        frame.createOrReplaceTempView(name)

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The rows of a small select, for preparing."""
        found: list[dict[str, Any]] = self._arrow(text).to_pylist()
        return found

    def answer(self, text: str) -> pa.Table:
        """The rows of a select, and its text as the last that is kept."""
        self.said.append(self.whole(text))
        return _plain_groups(self._arrow(text))

    def whole(self, text: str) -> str:
        """A select, with the views that it reads before it, and parameters where it has values."""
        return _VARIABLE.sub(self._parameter, super().whole(text))

    def grouped(self, name: str, text: str) -> None:
        """Name a select that tells groups, each as a struct."""
        names = list(dict.fromkeys(_OF_GROUP.findall(text)))
        self.view(name, _with_structs(text, name, names))

    def with_groups(self, always: str, groups: str, names: Sequence[str]) -> str:
        """The groups of a view, and those of a select, whose columns for them have these names."""
        return f"{always}\nunion all\n{_with_structs(groups, 'always', names)}"

    def part_of_group(self, place: int, name: str) -> str:
        """What a group of an answer holds, under the name that it had."""
        return f"grp.{name}"

    @property
    def desk(self) -> Workbench:
        """Where answers lie: on the driver, in DuckDB."""
        return Workbench(self.connection, self.said)

    def keep_answer(self, name: str, text: str) -> None:
        """Work an answer out once, as a table on the desk that can be read here too."""
        found = self.answer(text)
        self.session.createDataFrame(_named_groups(found)).createOrReplaceTempView(name)
        self.connection.register("told", found)
        fields = [f"grp.{quoted(one.name)}" for one in found.schema.field("grp").type]
        columns = [quoted(one) for one in found.column_names if one not in ("is_total", "grp")]
        told = ", ".join(["is_total", f"row({', '.join(fields)}) as grp", *columns])
        text = f"create temp table {quoted(name)} as select {told} from told"  # noqa: S608
        self.connection.execute(text)
        self.connection.unregister("told")

    def _held(self, text: str) -> DataFrame:
        frame = self._frame(text).persist()
        self.held.append(frame)
        return frame

    def _settled(self, name: str, start: str, rest: list[str]) -> DataFrame:
        """Work out a recursion by a key: rows of a turn take the place of those of their key."""
        turn, end = rest
        # or checkpoints of checkpoints fail: Spark looks for columns that were known by old names
        self.session.conf.set("spark.sql.constraintPropagation.enabled", "false")
        key = re.findall(r"-- key: +(\w+)", start)[0]
        reached = re.findall(r"recurring_(\w+)", turn)[0]
        frame = self._frame(start).localCheckpoint()
        for _ in range(_MOST_TURNS):
            frame.createOrReplaceTempView(f"recurring_{reached}")
            changed = self._frame(turn).localCheckpoint()
            if changed.isEmpty():
                frame.createOrReplaceTempView(reached)
                return self._held(end)
            kept = frame.join(changed.select(key), on=key, how="left_anti")
            frame = kept.unionByName(changed).localCheckpoint()
        raise QueryError(f"{name}: it does not come to an end.")

    def _frame(self, text: str) -> DataFrame:
        """A statement over the views; those that it reads are bound anew where they changed."""
        told: dict[str, tuple[Any, ...]] = {}
        for name in self._read_by(text):
            view = self.views[name]
            below = tuple(told[one] for one in told if re.search(rf"\b{one}\b", view))
            told[name] = (view, repr(self._values_in(view)), below)
            if self.bound.get(name) != told[name]:
                self._bound(view).createOrReplaceTempView(name)
                self.bound[name] = told[name]
        return self._bound(text)

    def _read_by(self, text: str) -> list[str]:
        """The views that a text reads, and those that they read, the lowest first."""
        read, names = text, []
        for name in reversed(self.views):
            if re.search(rf"\b{name}\b", read):
                names.append(name)
                read += self.views[name]
        return names[::-1]

    def _bound(self, text: str) -> DataFrame:
        values = self._values_in(text)
        statement = _VARIABLE.sub(self._parameter, text)
        with in_spark_words():
            return (
                self.session.sql(statement, args=values) if values else self.session.sql(statement)
            )

    def _values_in(self, text: str) -> dict[str, Any]:
        names = _PARAMETER.findall(_VARIABLE.sub(self._parameter, text))
        return {name: self.values.get(name) for name in names if _type_of(name) is not None}

    def _arrow(self, text: str) -> pa.Table:
        frame = self._frame(text)
        with in_spark_words():
            return frame.toArrow()

    def _parameter(self, match: re.Match[str]) -> str:
        name = match[1]
        return f"cast(:{name} as {_type_of(name) or _type_for(self.values.get(name))})"


def _type_of(name: str) -> str | None:
    """The declared type of a variable; of those that are numbered none is, or it is text."""
    if re.fullmatch(r"values_\d+_attribute", name):
        return "string"
    return "" if re.fullmatch(r"where_\d+", name) else VARIABLES.get(name)


def _type_for(value: object) -> str:
    """The type of a list of values to be found among."""
    one = next(iter(value), None) if isinstance(value, list) else None
    if isinstance(one, date) and not isinstance(one, datetime):
        return "array<date>"
    return "array<bigint>" if isinstance(one, int) else "array<string>"


def _with_structs(text: str, view: str, names: Sequence[str]) -> str:
    """Make the columns of a group one struct; where labels may group discounts, two."""
    by = [name for name in names if name.startswith("by_")]
    structs = f"{_struct(by)} as by_group"
    if view in ("always", "amounts"):
        # a group that only labels tell is by_0 without them
        told = [name for name in names if name != "by_0"] if len(by) < len(names) else by
        structs += f",\n    {_struct(told)} as full_group"
    if view != "always":
        return f"select\n    * except ({', '.join(names)}),\n    {structs}\nfrom (\n{text}\n)"
    money = "application_id, currency" if " as application_id" in text.lower() else _NO_MONEY
    return f"select\n    is_total,\n    {structs},\n    {money}\nfrom (\n{text}\n)"


_NO_MONEY = "cast(null as bigint) as application_id, cast(null as string) as currency"


def _struct(names: list[str]) -> str:
    pairs = ", ".join(f"'{name}_null', {name} is null, '{name}', {name}" for name in names)
    return f"named_struct({pairs})"


def _plain_groups(table: pa.Table) -> pa.Table:
    """Take out of groups what only their order needed."""
    if "grp" not in table.column_names:
        return table
    place = table.column_names.index("grp")
    group = pa.concat_arrays(table["grp"].chunks) if table["grp"].num_chunks else None
    group = pa.nulls(0, table["grp"].type) if group is None else group
    names = [one.name for one in group.type if not one.name.endswith("_null")]
    plain = pa.StructArray.from_arrays([group.field(name) for name in names], names=names)
    return table.set_column(place, "grp", plain)


def _named_groups(table: pa.Table) -> pa.Table:
    return table.select(["is_total", "grp"])


@contextmanager
def in_spark_words() -> Iterator[None]:
    """Tell what Spark refuses in one line, in plain words where it is an amount that is too large.

    Raises:
        QueryError: A sum is past 38 digits.
        EngineError: Anything else that Spark, or Java under it, could not do.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except Exception as error:
        if not (isinstance(error, PySparkException) or type(error).__module__.startswith("py4j")):
            raise
        if any(name in str(error) for name in _TOO_LARGE):
            raise QueryError(TOO_LARGE) from error
        raise EngineError(f"Spark: {first_line(error)}.") from error


_TOO_LARGE = ("NUMERIC_VALUE_OUT_OF_RANGE", "ARITHMETIC_OVERFLOW")
