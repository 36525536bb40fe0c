"""The audit rules: every doubt that a finding can name, how grave it is, and what it means.

A finding never keeps a session out. `error` is for what contradicts itself or leaves the answers
incomplete, `warning` for what may mislead an answer, `info` for what is good to know.

Layer: above `tables`. Rules that rows can show are computed by `audit`, the others while reading.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["info", "warning", "error"]


class Rule(NamedTuple):
    """How grave a doubt is, and what it means, in one sentence."""

    severity: Severity
    meaning: str


RULES = {
    "total-reconciles": Rule(
        "warning",
        "The total is neither items + session costs nor that + item costs; `info` where the shop "
        "itself sent the total (V1), or the dump does not tell all costs.",
    ),
    "total-after-discounts": Rule(
        "warning", "The total is items + costs less the discounts: it was sent after discounts."
    ),
    "missing-total": Rule("warning", "The session has no total."),
    "discount-exceeds-total": Rule("warning", "The discounts are more than the total."),
    "negative-price": Rule("warning", "A price, or an additional cost, is below zero."),
    "negative-discount": Rule("warning", "A discount is below zero."),
    "missing-price": Rule(
        "warning", "A cart line has no price, so the items of its session cannot be added up."
    ),
    "empty-sku": Rule("warning", "A cart line has an empty sku."),
    "money-rounded": Rule(
        "info", "An amount had more than 18 decimals, and was rounded half-even at the 18th."
    ),
    "returned-exceeds-quantity": Rule("error", "More units were returned than were bought."),
    "returned-plus-remaining": Rule(
        "warning", "Returned and remaining units together are not the units bought."
    ),
    "closed-without-time": Rule(
        "warning", "The session was closed, but its dump, which tells closing times, has none."
    ),
    "cancelled-without-time": Rule(
        "warning",
        "The session was cancelled, but its dump, which tells cancelling times, has none.",
    ),
    "closed-before-created": Rule("error", "The session was closed before it was created."),
    "updated-before-created": Rule(
        "warning", "The session's last update lies before its creation."
    ),
    "illegal-transition": Rule(
        "error", "The session went on after it was cancelled, which Talon.One does not allow."
    ),
    "unknown-member": Rule("info", "A member that the model does not know; kept in `extras`."),
    "list-discount-sentinel": Rule(
        "info",
        "A list page wrote 0 for `totalDiscounts`, as it does for any sum: taken as unknown.",
    ),
    "duplicate-conflict": Rule(
        "warning", "Two records of the same version of a session tell different values."
    ),
    "undated-sighting": Rule(
        "warning", "A record without an update time shows the session in another state."
    ),
    "newer-record-rejected": Rule(
        "warning", "A newer record of the session was rejected, so an older one is shown."
    ),
    "attribute-type": Rule(
        "warning", "An attribute is of another type than `sessionkit.toml` says it has."
    ),
    "position-not-whole": Rule("warning", "The API's position of a cart line is no whole number."),
    "incomplete-export": Rule(
        "error", "Pages of one list were read, and none of them says that it is the last."
    ),
}
"""Every rule by its id, which is what `findings.rule` holds."""
