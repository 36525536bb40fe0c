"""Quantiles of Spark that are as exact as DuckDB's, and need no memory for a whole group.

Spark's own `percentile` takes decimals through doubles, and holds every value of a group at once.
Here equal values are counted first, wherever they lie; then a window finds which of them stand at
the place of the quantile, and only between those two is interpolated.
"""

from __future__ import annotations

from sqlglot import exp, parse_one

from tests.tools.translate.trees import DIALECT, call


def quantiles(tree: exp.Expression) -> None:
    """Replace every `quantile_cont` by what a join brings in."""
    for select in list(tree.find_all(exp.Select)):
        own = [
            one
            for one in select.find_all(exp.PercentileCont)
            if one.find_ancestor(exp.Select) is select
        ]
        for number, one in enumerate(own, 1):
            _join(select, one, f"quantiles_{number}")


def _join(select: exp.Select, one: exp.PercentileCont, name: str) -> None:
    filtered = isinstance(one.parent, exp.Filter)
    whole = one.parent if filtered else one
    fractions = one.expression.expressions if isinstance(one.expression, exp.Array) else None
    keys = _keys(select)
    source = exp.Select(
        **{part: select.args[part].copy() for part in ("from_",) if select.args.get(part)},
        joins=[
            join.copy()
            for join in select.args.get("joins") or []
            if not join.this.alias.startswith("quantiles_")
        ],
    )
    conditions = [f"({one.this.sql(DIALECT)}) is not null"]
    if filtered:
        conditions.insert(0, f"({whole.expression.this.sql(DIALECT)})")
    if select.args.get("where"):
        conditions.insert(0, f"({select.args['where'].this.sql(DIALECT)})")
    text = _text(
        keys,
        one.this.sql(DIALECT),
        source.sql(DIALECT).removeprefix("SELECT "),
        " and ".join(conditions),
        [str(each) for each in fractions or [one.expression]],
    )
    on = " and ".join(f"{name}.key_{n} <=> {key}" for n, key in enumerate(keys, 1))
    found = parse_one(f"any_value({name}.found)", dialect=DIALECT)
    one_of_it = call("try_element_at", found, exp.Literal.number(1))
    whole.replace(found if fractions else one_of_it)
    joined = parse_one(text, dialect=DIALECT).subquery(name)
    condition = parse_one(on, dialect=DIALECT)
    select.append("joins", exp.Join(this=joined, side="LEFT", on=condition))


def _keys(select: exp.Select) -> list[str]:
    group = select.args["group"]
    if not group.args.get("all"):
        return [one.sql(DIALECT) for one in group.expressions]
    told = [one for one in select.expressions if not one.find(exp.AggFunc)]
    return [(one.this if isinstance(one, exp.Alias) else one).sql(DIALECT) for one in told]


def _text(keys: list[str], value: str, source: str, where: str, fractions: list[str]) -> str:
    numbered = ", ".join(f"{key} as key_{n}" for n, key in enumerate(keys, 1))
    by = ", ".join(f"key_{n}" for n in range(1, len(keys) + 1))
    places = ", ".join(
        f"min(value) filter (where upto > floor({f} * (among - 1))) as low_{n}, "
        f"min(value) filter (where upto > ceil({f} * (among - 1))) as high_{n}"
        for n, f in enumerate(map(_double, fractions), 1)
    )
    found = ", ".join(
        _between(f"low_{n}", f"high_{n}", f) for n, f in enumerate(map(_double, fractions), 1)
    )
    return f"""
        select {by}, array({found}) as found
        from (
            select {by}, max(among) as among, {places}
            from (
                select
                    *,
                    sum(number) over (partition by {by} order by value) as upto,
                    sum(number) over (partition by {by}) as among
                from (
                    select {numbered}, {value} as value, count(*) as number
                    {source}
                    where {where}
                    group by all
                )
            )
            group by {by}
        )"""


def _double(fraction: str) -> str:
    return f"cast({fraction} as double)"


def _between(low: str, high: str, fraction: str) -> str:
    place = f"{fraction} * (among - 1)"
    part = f"({place} - floor({place}))"
    return (
        f"if({low} = {high}, cast({low} as double), "
        f"cast({low} as double) * (1 - {part}) + cast({high} as double) * {part})"
    )
