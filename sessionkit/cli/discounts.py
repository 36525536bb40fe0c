"""The commands that ask about discounts and codes.

Layer: inside `cli`, above `asking`.
"""

from __future__ import annotations

import click

from sessionkit.cli.asking import question_command

TIMEOUT = click.option(
    "--timeout", metavar="TIME", help="Open sessions untouched for so long are idle, as 30d."
)

DISCOUNT_SUMMARY = question_command(
    "discount_summary",
    "What discounts cost, by label.",
    """What discounts cost, by label.

    \b
    Examples:
      sessionkit discount-summary exports/
      sessionkit discount-summary exports/ --by base_label --format csv -o discounts.csv
    """,
)
DISCOUNT_DEPTH = question_command(
    "discount_depth",
    "How many sessions had how much off.",
    """How many sessions had how much off, in bands of 5 % of their total.

    Sessions without a depth (discounts not known, no total) have bands of their own.

    \b
    Examples:
      sessionkit discount-depth exports/
      sessionkit discount-depth exports/ --by customer_type --where month=2024-03
    """,
)
DISCOUNT_STACKS = question_command(
    "discount_stacks",
    "Which discounts occur together.",
    """Which discounts occur together in a session, the most frequent first.

    \b
    Examples:
      sessionkit discount-stacks exports/
      sessionkit discount-stacks exports/ --by application_id --limit 20 --format json
    """,
    click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=1),
        default=100,
        show_default=True,
        help="Show so many per group.",
    ),
)
COUPON_SUMMARY = question_command(
    "coupon_summary",
    "How sessions with a coupon code ended.",
    """How sessions ended in which a coupon code was entered, code by code, and their worth.

    \b
    Examples:
      sessionkit coupon-summary exports/
      sessionkit coupon-summary exports/ --coupon-pattern "^SUMMER" --total-row
      sessionkit coupon-summary exports/ --population completed --by month --timeout 30d
    """,
    click.option(
        "--coupon-pattern",
        metavar="REGEX",
        help="Codes in which it matches the same text are one row, as ^SUMMER.",
    ),
    TIMEOUT,
)
REFERRAL_SUMMARY = question_command(
    "referral_summary",
    "How sessions with a referral code ended.",
    """How sessions ended in which a referral code was entered, code by code, and their worth.

    \b
    Examples:
      sessionkit referral-summary exports/
      sessionkit referral-summary exports/ --by month --timeout 30d
    """,
    TIMEOUT,
)
CAMPAIGN_SUMMARY = question_command(
    "campaign_summary",
    "What each campaign took off.",
    """What each campaign took off, and what the sessions were worth. Needs effects.

    \b
    Examples:
      sessionkit campaign-summary exports/
      sessionkit campaign-summary exports/ --by month --total-row --currency EUR
    """,
)
COUPON_REJECTIONS = question_command(
    "coupon_rejections",
    "Why coupons were rejected.",
    """Why coupons were rejected, and whether the customers still bought. Needs effects.

    \b
    Examples:
      sessionkit coupon-rejections exports/
      sessionkit coupon-rejections exports/ --by month --timeout 30d
    """,
    TIMEOUT,
)
QUESTIONS = (
    DISCOUNT_SUMMARY,
    DISCOUNT_DEPTH,
    DISCOUNT_STACKS,
    COUPON_SUMMARY,
    REFERRAL_SUMMARY,
    CAMPAIGN_SUMMARY,
    COUPON_REJECTIONS,
)
"""The commands about discounts and codes, in the order of `--help`."""
