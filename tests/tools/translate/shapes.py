"""Rules that need to know the columns of what is read: unions by name, stars, nearest rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlglot import exp, parse_one

from sessionkit.tables import ALL

_OF_ALWAYS = ["is_total", "by_group", "full_group", "application_id", "currency"]
_OF_AMOUNTS = [
    "is_total", "by_group", "full_group", "application_id", "currency", "gross",
    "knows_discounts", "in_population", "was_completed", "revoked", "amount", "row_count",
]  # fmt: skip


class Catalog(dict[str, list[str]]):
    """The columns of tables, and of the views that questions are made ready from."""

    def __init__(self, home: Path) -> None:
        super().__init__({table.name: [one.name for one in table.columns] for table in ALL})
        self["always"], self["amounts"] = _OF_ALWAYS, _OF_AMOUNTS
        self._home = home

    def __missing__(self, name: str) -> list[str]:
        if name in ("units", "history"):
            found = ["is_total", "by_group", *self["matching"]]
        else:
            file = {"entered_codes": "entered_coupons"}.get(name, name)
            text = (self._home / "prepared" / f"{file}.sql").read_text(encoding="utf-8")
            tree = parse_one(text, read="duckdb")
            found = columns_of(tree, self)
        self[name] = found
        return found


def columns_of(query: exp.Expression, known: Mapping[str, list[str]]) -> list[str]:
    """The names of the columns of a query, in order."""
    if isinstance(query, exp.Subquery):
        return columns_of(query.this, known)
    known = _with_own(query, known)
    if isinstance(query, exp.Union):
        names = columns_of(query.this, known)
        more = columns_of(query.expression, known) if query.args.get("by_name") else []
        return names + [name for name in more if name not in names]
    found: list[str] = []
    for one in query.expressions:
        if isinstance(one, exp.Star):
            held, left_out = _of_sources(query, known), one
        elif isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
            held, left_out = _of_source(_named(query, one.table), known), one.this
        elif isinstance(one, exp.Columns):
            found.append("by_group")
            continue
        else:
            found.append(one.alias_or_name)
            continue
        without = {each.name for each in left_out.args.get("except_") or []}
        found += [name for name in held if name not in without]
    return found


def _with_own(query: exp.Expression, known: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """What is known within a query: its own `with` too."""
    with_ = query.args.get("with_")
    if with_ is None:
        return known
    return _Within(with_.expressions, known)


class _Within(dict[str, list[str]]):
    """The columns of the queries of a `with`, found when they are asked for, and those outside."""

    def __init__(self, ctes: Iterable[exp.Expression], outer: Mapping[str, list[str]]) -> None:
        super().__init__()
        self._ctes, self._outer = {cte.alias: cte for cte in ctes}, outer

    def __missing__(self, name: str) -> list[str]:
        if name not in self._ctes:
            return self._outer[name]
        cte = self._ctes[name]
        named = [one.name for one in cte.args["alias"].args.get("columns") or []]
        self[name] = found = named or columns_of(cte.this, self)
        return found


def _sources(select: exp.Expression) -> list[exp.Expression]:
    joins = [join for join in select.args.get("joins") or [] if join.args.get("kind") not in _HALF]
    return [select.args["from_"].this, *(join.this for join in joins)]


_HALF = ("SEMI", "ANTI")


def _of_sources(select: exp.Expression, known: Mapping[str, list[str]]) -> list[str]:
    found: list[str] = []
    used = {
        one.name for join in select.args.get("joins") or [] for one in join.args.get("using") or []
    }
    for source in _sources(select):
        names = _of_source(source, known)
        found += [name for name in names if not (name in used and name in found)]
    return found


def _of_source(source: exp.Expression, known: Mapping[str, list[str]]) -> list[str]:
    alias = source.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return [one.name for one in alias.args["columns"]]
    if isinstance(source, exp.Subquery):
        return columns_of(source.this, known)
    return known[source.name]


def _named(select: exp.Expression, name: str) -> exp.Expression:
    return next(one for one in _sources(select) if one.alias_or_name == name)


def unions_by_name(tree: exp.Expression, catalog: Mapping[str, list[str]]) -> None:
    """`union all by name`: both sides tell every column, null where they have none."""
    known = _Within(tree.find_all(exp.CTE), catalog)
    for union in list(tree.find_all(exp.Union)):
        if not union.args.get("by_name"):
            continue
        left, right = columns_of(union.this, known), columns_of(union.expression, known)
        more = [name for name in right if name not in left]
        if _reads_always(union.expression):
            more = []
        for side in (union.this, union.expression):
            _tell(side, [*left, *more], known)
        union.set("by_name", False)


def _reads_always(select: exp.Expression) -> bool:
    return select.args["from_"].this.name == "always"


def _tell(select: exp.Expression, names: list[str], known: Mapping[str, list[str]]) -> None:
    """Let a select tell these columns, in this order."""
    told = {one.alias: one for one in select.expressions if isinstance(one, exp.Alias)}
    told |= {one.name: one for one in select.expressions if isinstance(one, exp.Column)}
    for star in [one for one in select.expressions if one.name == "*" and one.args.get("table")]:
        held = _of_source(_named(select, star.table), known)
        told |= {name: exp.column(name, star.table) for name in held if name not in told}
    there = set(columns_of(select, known))
    columns = [
        told.get(name) or (exp.column(name) if name in there else exp.alias_(exp.null(), name))
        for name in names
    ]
    select.set("expressions", [one.copy() for one in columns])


def replaced_stars(tree: exp.Expression) -> None:
    """`* replace (x as y)`: all but `y`, and `x as y`."""
    for select in list(tree.find_all(exp.Select)):
        for star in [one for one in select.expressions if isinstance(one, exp.Star)]:
            replaced = star.args.get("replace") or []
            if replaced:
                out = list(star.args.get("except_") or [])
                star.set("except_", [*out, *(exp.column(one.alias) for one in replaced)])
                star.set("replace", None)
                select.set("expressions", [*select.expressions, *replaced])


def nearest_rows(tree: exp.Expression) -> None:
    """`asof join x on a >= x.b`: the last `b` up to `a` is the one whose next is later."""
    for join in list(tree.find_all(exp.Join)):
        if join.args.get("method") != "ASOF":
            continue
        at, cut = join.args["on"].this, join.args["on"].expression
        following = f"lead({cut.name}) over (order by {cut.name}) as next_one"
        text = f"select *, {following} from {join.this.name}"
        join.set("this", parse_one(text).subquery(join.this.alias_or_name))
        join.set("method", None)
        next_one = f"{cut.table}.next_one"
        on = f"{at.sql()} >= {cut.sql()} and coalesce({at.sql()} < {next_one}, true)"
        join.set("on", parse_one(on))
