"""One text for Spark, from one for DuckDB."""

from __future__ import annotations

import re
from pathlib import Path

from sqlglot import exp, parse_one

from tests.tools.translate import rules, words
from tests.tools.translate.quantiles import quantiles
from tests.tools.translate.shapes import Catalog, nearest_rows, replaced_stars, unions_by_name
from tests.tools.translate.trees import DIALECT

HOME = Path(__file__).parents[3] / "sessionkit" / "sql"
"""Where the texts for DuckDB are."""


def text_for_spark(name: str, types: dict[str, str] | None = None) -> str:
    """Translate `sql/<name>.sql`.

    Args:
        name: Such as `totals` or `prepared/facts`.
        types: The type of each column of its answer, in Spark's words; none for what only other
            texts read.

    Returns:
        One statement; of a recursion by a key three, with a semicolon between: where it starts, a
        turn, and what is read of its end.
    """
    text = (HOME / f"{name}.sql").read_text(encoding="utf-8")
    tree = parse_one(text, read="duckdb")
    for node in tree.walk():
        node.comments = None
    remarks = "\n".join(re.findall(r"^--.*", text, re.MULTILINE))
    told = f"-- made from sql/{name}.sql by `python -m tests.tools.translate`: change that one."
    recursion = tree.find(exp.With)
    if recursion is not None and recursion.recursive:
        statements = _turns(tree)
        key = recursion.expressions[0].args["key_expressions"][0].name
        told = f"{told}\n-- key:    {key}"
    else:
        statements = [tree]
    made = [_translated(one, types).sql(DIALECT, pretty=True) for one in statements]
    return f"{remarks}\n{told}\n\n" + ";\n\n".join(made) + "\n"


def _translated(tree: exp.Expression, types: dict[str, str] | None) -> exp.Expression:
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)
    rules.groups(tree)
    unions_by_name(tree, Catalog(HOME))
    replaced_stars(tree)
    nearest_rows(tree)
    rules.named_groups(tree)
    rules.averages(tree)
    rules.structs(tree)
    rules.elements(tree)
    rules.wide_numbers(tree)
    rules.windows(tree)
    quantiles(tree)
    tree = words.expressions(tree)
    rules.several_lists(tree)
    if types:
        _typed(tree, types)
    return tree


def _typed(tree: exp.Expression, types: dict[str, str]) -> None:
    """Cast each column of the answer to its type."""
    for place, one in enumerate(tree.expressions):
        name = one.alias_or_name
        if name in types:
            inner = one.this if isinstance(one, exp.Alias) else one
            to = exp.DataType.build(types[name], dialect=DIALECT)
            tree.expressions[place] = exp.alias_(exp.Cast(this=inner.copy(), to=to), name)
    tree.set("expressions", list(tree.expressions))


def _turns(tree: exp.Expression) -> list[exp.Expression]:
    """A recursion taken apart: Spark's own knows no key, and adds nothing up in a turn."""
    with_ = tree.args["with_"]
    (cte,) = with_.expressions
    names = [one.name for one in cte.args["alias"].args["columns"]]
    start, turn = cte.this.this.copy(), cte.this.expression.copy()
    for part in (start, turn):
        named = [
            exp.alias_(one.copy(), name) for one, name in zip(part.expressions, names, strict=True)
        ]
        part.set("expressions", named)
    for table in list(turn.find_all(exp.Table)):
        if table.db == "recurring":
            table.set("db", None)
            table.set("this", exp.to_identifier(f"recurring_{table.name}"))
    end = tree.copy()
    end.set("with_", None)
    return [start, turn, end]
