"""The commands that ask about customers and items.

Layer: inside `cli`, above `asking`.
"""

from __future__ import annotations

from typing import Any

import click

from sessionkit.cli.asking import question_command
from sessionkit.cli.options import several


def _all_of(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
    return several(values)


def _limit(_: click.Context, __: click.Parameter, value: Any) -> int | None:
    return value or None


CUSTOMER_SUMMARY = question_command(
    "customer_summary",
    "Who bought: new, returning, anonymous.",
    """Who bought: new, returning and anonymous customers, how often, and for how much.

    All four types have a row, also without a session in it.

    \b
    Examples:
      sessionkit customer-summary exports/
      sessionkit customer-summary exports/ --by month --guests "^guest-"
    """,
)
COHORT_RETENTION = question_command(
    "cohort_retention",
    "How many customers came back, and when.",
    """Of the customers whose first completed session was in the same period, how many came back.

    --by first_discounted compares those who began at a discount with those who did not.

    \b
    Examples:
      sessionkit cohort-retention exports/
      sessionkit cohort-retention exports/ --period quarter --by first_discounted
    """,
    click.option(
        "--period",
        type=click.Choice(["week", "month", "quarter", "year"]),
        default="month",
        show_default=True,
        help="What cohorts are cut in.",
    ),
)
RFM = question_command(
    "rfm",
    "Score customers: recency, frequency, money.",
    """How recently, how often and for how much each customer bought, scored 1 to 5.

    5 is best: at least four fifths of the customers do worse. Equal values score alike.

    \b
    Examples:
      sessionkit rfm exports/
      sessionkit rfm exports/ --money net --since 2024-01-01 --format csv -o rfm.csv
    """,
    click.option(
        "--money",
        type=click.Choice(["gross", "net"]),
        default="gross",
        show_default=True,
        help="Money before discounts, or after.",
    ),
)
TOP_ITEMS = question_command(
    "top_items",
    "What was bought most.",
    """What was bought most, by sku, category or product.

    \b
    Examples:
      sessionkit top-items exports/
      sessionkit top-items exports/ --of category --rank-by units --by month --limit 5
    """,
    click.option(
        "--of",
        type=click.Choice(["sku", "category", "product"]),
        default="sku",
        show_default=True,
        help="What an item is.",
    ),
    click.option(
        "--rank-by",
        type=click.Choice(["money", "units"]),
        default="money",
        show_default=True,
        help="What is most.",
    ),
    click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=0),
        default=20,
        show_default=True,
        callback=_limit,
        help="How many items of each group; 0 for all.",
    ),
)
IDENTIFIER_OVERLAP = question_command(
    "identifier_overlap",
    "Which customers share identifiers.",
    """Which customers share identifiers, also by way of others; coupons and referrals on request.

    Customers and values are shown as hashes, unless --show.

    \b
    Examples:
      sessionkit identifier-overlap exports/
      sessionkit identifier-overlap exports/ --of identifier,coupon --max-sharing 5 --show
    """,
    click.option(
        "--of",
        metavar="KIND,...",
        multiple=True,
        default=("identifier",),
        callback=_all_of,
        help="What is shared: identifier, coupon, referral. Repeatable.",
    ),
    click.option(
        "--max-sharing",
        metavar="N",
        type=int,
        default=20,
        show_default=True,
        help="Values of more customers are listed, and link nobody.",
    ),
    click.option("--show", is_flag=True, help="Show customers and values as they are."),
    click.option(
        "--salt", metavar="TEXT", help="A secret, so that hashes are the same in every answer."
    ),
)
QUESTIONS = (CUSTOMER_SUMMARY, COHORT_RETENTION, RFM, TOP_ITEMS, IDENTIFIER_OVERLAP)
"""The commands about customers and items, in the order of `--help`."""
