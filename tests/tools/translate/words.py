"""Rules for single expressions: variables, lists, times, and functions by their names."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from sessionkit.spark.variables import VARIABLES
from tests.tools.translate.trees import DIALECT, call, function_name, place_in, spark

Rule = Callable[[exp.Expression], exp.Expression]


def expressions(tree: exp.Expression) -> exp.Expression:
    """Every other rule, from the leaves up."""
    for node in reversed(list(tree.walk(bfs=True))):
        for rule in _RULES:
            made = rule(node)
            if made is not node:
                if node is tree:
                    tree = made
                else:
                    node.replace(made)
                break
    return tree


def _variable(node: exp.Expression) -> exp.Expression:
    """A variable is a parameter of its declared type."""
    if function_name(node) != "getvariable":
        return node
    name = node.expressions[0].this
    return spark(f"cast(:{name} as {VARIABLES[name]})")


def _member(node: exp.Expression) -> exp.Expression:
    """`x in list`."""
    if not isinstance(node, exp.In) or node.args.get("field") is None:
        return node
    return call("array_contains", node.args["field"].copy(), node.this.copy())


def _divided(node: exp.Expression) -> exp.Expression:
    """A ratio is one of doubles."""
    if not isinstance(node, exp.Div):
        return node
    above, below = _double(node.this), _double(node.expression)
    return exp.Paren(this=exp.Div(this=above, expression=below, typed=True))


def _double(side: exp.Expression) -> exp.Expression:
    if isinstance(side, exp.Cast) and side.to.is_type("DOUBLE"):
        return side.copy()
    inner = side.this if isinstance(side, exp.Paren) else side
    return exp.Cast(this=inner.copy(), to=exp.DataType.build("double"))


def _cast(node: exp.Expression) -> exp.Expression:
    """Types by Spark's names; an instant as text has DuckDB's form."""
    if not isinstance(node, exp.Cast):
        return node
    if node.to.is_type("INT128"):
        made = node.copy()
        made.set("to", exp.DataType.build("decimal(38, 0)"))
        return made
    inner = node.this
    typed = isinstance(inner, exp.Cast) and inner.to.is_type("TIMESTAMP", "TIMESTAMPTZ")
    if node.to.is_type("VARCHAR", "TEXT") and typed:
        return spark(f"concat(cast({inner.sql(DIALECT)} as string), '+00')")
    return node


def _list(node: exp.Expression) -> exp.Expression:
    """A list keeps its nulls, and what is past its end is null."""
    if isinstance(node, exp.ArrayAgg | exp.Filter):
        gathered = node.this if isinstance(node, exp.Filter) else node
        wrapped = isinstance(node.parent, exp.Filter)
        if not isinstance(gathered, exp.ArrayAgg) or wrapped or function_name(gathered.this):
            return node
        return _kept_nulls(node.copy())
    if isinstance(node, exp.Bracket):
        place = node.expressions[0]
        if isinstance(place, exp.Literal) and not place.is_string:
            at: exp.Expression = exp.Literal.number(place_in(place))
        else:
            at = place.copy()
        if node.this.name in _maps(node):
            return call("try_element_at", node.this.copy(), at)
        return call("try_element_at", node.this.copy(), exp.cast(at, "int"))
    if isinstance(node, exp.Length):
        return call("size", node.this.copy())
    return node


def _maps(node: exp.Expression) -> set[str]:
    found = node.root().find_all(exp.Alias)
    return {one.alias for one in found if isinstance(one.this, exp.MapFromEntries)}


def _kept_nulls(node: exp.Expression) -> exp.Expression:
    gathered = node.this if isinstance(node, exp.Filter) else node
    inner = gathered.this
    if isinstance(inner, exp.Distinct):
        struct = call("named_struct", exp.Literal.string("one"), inner.expressions[0].copy())
        gathered.set("this", exp.Distinct(expressions=[struct]))
    else:
        gathered.set("this", call("named_struct", exp.Literal.string("one"), inner.copy()))
    text = node.sql(DIALECT)
    return spark(f"transform({text}, held -> held.one)")


def _range(node: exp.Expression) -> exp.Expression:
    """`range(n)`: Spark would count down where there is nothing to count."""
    if not isinstance(node, exp.GenerateSeries):
        return node
    start, end = node.args["start"], node.args["end"]
    if isinstance(node.parent, exp.Table):
        last = int(end.this) - 1
        return call("explode", call("sequence", start.copy(), exp.Literal.number(last)))
    if isinstance(end, exp.Literal):
        return node
    if str(start) != "0":
        raise NotImplementedError("a range that does not begin at 0")
    size = f"greatest({end.sql(DIALECT)}, 0)"
    return spark(f"slice(sequence(0, cast({size} as int)), 1, cast({size} as int))")


def _function(node: exp.Expression) -> exp.Expression:
    """Functions by Spark's names."""
    name = function_name(node)
    if name in _NAMES:
        return _NAMES[name](node.expressions)
    made = _KINDS.get(type(node))
    return made(node) if made else node


def _timezone(given: list[exp.Expression]) -> exp.Expression:
    zone, moment = given
    if isinstance(zone, exp.Literal):
        return moment.copy()
    return call("from_utc_timestamp", moment.copy(), zone.copy())


def _position(given: list[exp.Expression]) -> exp.Expression:
    held, one = given
    return spark(f"nullif(array_position({held.sql(DIALECT)}, {one.sql(DIALECT)}), 0)")


def _format(node: exp.Expression) -> exp.Expression:
    pieces: list[exp.Expression] = []
    rest = iter(node.expressions)
    for text in re.split(r"(\{\})", node.this.this):
        if text == "{}":
            pieces.append(next(rest).copy())
        elif text:
            pieces.append(exp.Literal.string(text))
    return call("concat", *pieces)


def _date_diff(node: exp.Expression) -> exp.Expression:
    """Between first days of periods, so that whole periods are those that begin in between."""
    unit = node.args["unit"]
    start, end = node.expression.sql(DIALECT), node.this.sql(DIALECT)
    if isinstance(unit, exp.Literal | exp.Var):
        raise NotImplementedError("date_diff of a unit that is told")
    cases = " ".join(
        f"when '{one}' then datediff({one}, {start}, {end})"
        for one in ("week", "month", "quarter", "year")
    )
    return spark(f"case {unit.sql(DIALECT)} {cases} end")


def _replaced(node: exp.Expression) -> exp.Expression:
    """A pattern of the package's own, in Java's spelling."""
    pattern = node.expression.this.replace("\\s", r"\t\n\f\r ")
    pattern = re.sub(r"\$$", r"\\z", pattern)
    by = re.sub(r"\\(\d)", r"$\1", node.args["replacement"].this)
    return spark(f"regexp_replace({node.this.sql(DIALECT)}, r'{pattern}', '{by}')")


def _guarded(name: str) -> Rule:
    """A pattern of a user, by a function of ours; it is not called where there is none."""

    def made(node: exp.Expression) -> exp.Expression:
        pattern = node.expression.sql(DIALECT)
        return spark(f"if({pattern} is null, null, {name}({node.this.sql(DIALECT)}, {pattern}))")

    return made


def _json(node: exp.Expression) -> exp.Expression:
    """`value ->> '$'`, the text of a JSON text."""
    return spark(f"get_json_object({node.this.sql(DIALECT)}, '$')")


def _from_json(node: exp.Expression) -> exp.Expression:
    value, kind = node.this.sql(DIALECT), node.expression.this
    if kind == '["JSON"]':
        return spark(f"from_json({value}, 'array<variant>')")
    text = f"from_json({value}, 'array<string>')"
    return spark(f"transform({text}, held -> try_cast(held as decimal(38, 18)))")


def _kind(node: exp.Expression) -> exp.Expression:
    value = node.this.sql(DIALECT)
    return spark(f"regexp_extract(schema_of_variant({value}), '^[A-Z]+', 0)")


_NAMES: dict[str, Callable[[list[exp.Expression]], exp.Expression]] = {
    "epoch_us": lambda given: call("unix_micros", given[0].copy()),
    "make_timestamptz": lambda given: call("timestamp_micros", given[0].copy()),
    "make_timestamp": lambda given: call("timestamp_micros", given[0].copy()),
    "timezone": _timezone,
    "list_position": _position,
    "to_months": lambda given: spark(f"make_ym_interval(0, cast({given[0].sql(DIALECT)} as int))"),
    "to_minutes": lambda given: spark(
        f"make_dt_interval(0, 0, cast({given[0].sql(DIALECT)} as int))"
    ),
    "to_microseconds": lambda given: spark(f"interval '0.000001' second * {given[0].sql(DIALECT)}"),
}
_KINDS: dict[type[exp.Expression], Rule] = {
    exp.Format: _format,
    exp.ToDays: lambda node: spark(f"make_dt_interval(cast({node.this.sql(DIALECT)} as int))"),
    exp.DateDiff: _date_diff,
    exp.RegexpReplace: _replaced,
    exp.RegexpLike: _guarded("matches_pattern"),
    exp.RegexpExtract: _guarded("first_match"),
    exp.JSONExtractScalar: _json,
    exp.FromJson: _from_json,
    exp.JSONType: _kind,
}
_RULES: tuple[Rule, ...] = (_variable, _member, _divided, _cast, _list, _range, _function)
