"""Rules that see more than one expression: groups, structs, windows, lists side by side."""

from __future__ import annotations

from sqlglot import exp

from tests.tools.translate.trees import DIALECT, call, function_name, place_in, spark

BY, ALL = "^by_", "^(by|label)_"
_STRUCTS = {BY: "by_group", ALL: "full_group"}


def groups(tree: exp.Expression) -> None:
    """The columns of a group are one struct in Spark: `by_group`, with labels `full_group`."""
    for columns in list(tree.find_all(exp.Columns)):
        pattern, parent = columns.this.this, columns.parent
        if function_name(parent) == "row":
            parent.replace(exp.column(_STRUCTS[pattern]))
            continue
        if pattern == ALL and isinstance(parent, exp.Select):
            place = parent.expressions.index(columns)
            parent.set(
                "expressions",
                [
                    *parent.expressions[:place],
                    exp.column("by_group"),
                    *parent.expressions[place:],
                ],
            )
        columns.replace(exp.column(_STRUCTS[pattern]))


def structs(tree: exp.Expression) -> None:
    """`row(a, b)` becomes a struct of `col1`, `col2`; and what was the first of it, its `col1`."""
    named = set()
    for row in list(tree.find_all(exp.Anonymous)):
        if row.this != "row":
            continue
        alias = row.find_ancestor(exp.Alias)
        if alias is not None and not isinstance(alias.this, exp.Subquery):
            named.add(alias.alias)
        row.replace(_struct(row.expressions))
    for pair in list(tree.find_all(exp.Tuple)):
        if isinstance(pair.parent, exp.ArrayAgg):
            pair.replace(_struct(pair.expressions))
    for bracket in list(tree.find_all(exp.Bracket)):
        base, place = bracket.this, bracket.expressions[0]
        if isinstance(base, exp.Column) and base.name in named:
            bracket.replace(
                exp.Dot(this=base, expression=exp.to_identifier(f"col{place_in(place)}"))
            )


def _struct(fields: list[exp.Expression]) -> exp.Expression:
    named: list[exp.Expression] = []
    for number, field in enumerate(fields, 1):
        named += [exp.Literal.string(f"col{number}"), field.copy()]
    return call("named_struct", *named)


def windows(tree: exp.Expression) -> None:
    """`sum(x) filter (where y) over w`: Spark filters no windows, so what is added up is null."""
    for window in list(tree.find_all(exp.Window)):
        if isinstance(window.this, exp.Filter):
            aggregate, condition = window.this.this, window.this.expression.this
            inner = aggregate.this
            aggregate.set("this", exp.If(this=condition, true=inner, false=exp.null()))
            window.set("this", aggregate)


def named_groups(tree: exp.Expression) -> None:
    """A window sees no name that its own select gives a group: it reads the group itself."""
    for select in tree.find_all(exp.Select):
        given = {
            one.alias: one.this
            for one in select.expressions
            if isinstance(one, exp.Alias) and one.this.name in _STRUCTS.values()
        }
        for window in list(select.find_all(exp.Window)):
            if window.find_ancestor(exp.Select) is not select:
                continue
            for column in list(window.find_all(exp.Column)):
                if column.name in given and not column.table:
                    column.replace(given[column.name].copy())


def averages(tree: exp.Expression) -> None:
    """The mean of doubles, whatever their order: added up as decimals, and held by nobody."""
    for mean in list(tree.find_all(exp.Anonymous)):
        if function_name(mean) != "list_avg":
            continue
        (gathered,) = mean.find_all(exp.ArrayAgg)
        one = gathered.this.sql(DIALECT)
        whole = f"cast(sum(cast({one} - {one} % 1 as decimal(38, 0))) as double)"
        rest = f"cast(sum(cast({one} % 1 as decimal(38, 27))) as double)"
        mean.replace(spark(f"({whole} + {rest}) / nullif(count({one}), 0)"))


def several_lists(tree: exp.Expression) -> None:
    """Lists that are taken apart side by side are zipped first: one generator per select."""
    for select in list(tree.find_all(exp.Select)):
        found = [
            one
            for one in select.expressions
            if isinstance(one, exp.Alias) and isinstance(one.this, exp.Explode)
        ]
        if len(found) < 2:
            continue
        zipped = call("arrays_zip", *(one.this.this.copy() for one in found))
        names = ", ".join(one.alias for one in found)
        text = f"inline({zipped.sql(DIALECT)}) as ({names})"
        for one in found[1:]:
            select.expressions.remove(one)
        found[0].replace(exp.Var(this=text))


def wide_numbers(tree: exp.Expression) -> None:
    """Whole numbers of 38 digits are decimals, whose `div` would end at 19: twentieths by hand."""
    for part in list(tree.find_all(exp.IntDiv)):
        above = part.this
        if not (isinstance(above, exp.Cast) and above.to.is_type("INT128")):
            continue
        if part.expression.this != "20":
            raise NotImplementedError("a whole part of anything but twentieths")
        whole = above.copy()
        whole.set("to", exp.DataType.build("decimal(38, 0)"))
        text = "cast(cast(({0} - {0} % 20) * 0.1 as decimal(38, 0)) * 0.5 as decimal(38, 0))"
        part.replace(spark(text.format(whole.sql(DIALECT))))


def elements(tree: exp.Expression) -> None:
    """Elements of JSON lists are variants: their kinds, and their text."""
    for select in list(tree.find_all(exp.Select)):
        own = [one for one in select.walk() if one.find_ancestor(exp.Select) is select]
        kinds = [one for one in own if isinstance(one, exp.JSONType)]
        names = {kind.this.name for kind in kinds}
        for text in own:
            if isinstance(text, exp.JSONExtractScalar) and text.this.name in names:
                value = text.this.sql(DIALECT)
                text.replace(spark(f"try_variant_get({value}, '$', 'string')"))
        for kind in kinds:
            if isinstance(kind.parent, exp.In) and "DOUBLE" in kind.parent.sql():
                numbers = [exp.Literal.string(one) for one in ("BIGINT", "DECIMAL", "DOUBLE")]
                kind.parent.set("expressions", numbers)
