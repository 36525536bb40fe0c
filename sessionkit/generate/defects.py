"""Bad records of every kind, each with the codes of the reasons for which it is rejected.

Layer: above `drafts`; of the package, imports nothing. The codes are those of
`sessionkit.errors.REASONS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from sessionkit.generate.drafts import Draft
from sessionkit.generate.envelopes import effects_of
from sessionkit.generate.spelling import compact, spaced

Spoil = Callable[[Draft], None]


class Defect(NamedTuple):
    """A way for a record to be bad.

    Attributes:
        kind: Its name.
        codes: The codes of the reasons to reject it.
        spoil: What is done to the record while it is a tree.
        write: What is written instead of the spoilt tree, if not that.
        broken: Whether the record is then no JSON at all, or no JSON that a library writes.
        only: The dialects that can have it; empty for all.
        never: The dialects that cannot.
    """

    kind: str
    codes: tuple[str, ...]
    spoil: Spoil = lambda draft: None
    write: Callable[[Draft], bytes] = Draft.encoded
    broken: bool = False
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


_V2 = ("v2_session", "v2_response")
_CSV = ("csv_export",)
_ZEROS = ("csharp_omits_zeros",)
_SKU_REPR = "[{'sku': 'A-1', 'quantity': 1, 'price': None, 'gift': True}]"


def _put(member: str, value: Any) -> Spoil:
    return lambda draft: draft.put(member, value)


def _put_in_line(member: str, value: Any) -> Spoil:
    return lambda draft: draft.put_in_line(member, value)


def _drop(member: str) -> Spoil:
    return lambda draft: draft.drop(member)


def _drop_in_line(member: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        del draft.line()[draft.in_line(member)]

    return spoil


def _huge_product(draft: Draft) -> None:
    draft.put_in_line("price", Decimal("99999999999999999999"))
    draft.put_in_line("quantity", 20)


def _two_faults(draft: Draft) -> None:
    draft.put("total", "n/a")
    draft.put_in_line("quantity", 0)


def _cart_as_text(draft: Draft) -> None:
    text = draft.encoded_cell("cartItems")
    draft.put("cartItems", json.dumps(text) if draft.is_row else text)


def _half_cell(draft: Draft) -> None:
    text = draft.encoded_cell("cartItems")
    draft.put("cartItems", text[: len(text) // 2])


def _twice(draft: Draft) -> None:
    name = draft.name("created")
    draft.tree[f"@twin:{name}@"] = draft.tree[name]


def _two_labels(draft: Draft) -> None:
    draft.put("discounts", {"SUMMER": Decimal("1.5"), "@twin:SUMMER@": Decimal("2")})


def _two_attributes(draft: Draft) -> None:
    draft.put("attributes", {"Channel": "web", "@twin:Channel@": "app"})


def _marked_attribute(mark: str) -> Spoil:
    return lambda draft: draft.put("attributes", {"note": mark})


def _half_a_line(draft: Draft) -> bytes:
    text = draft.encoded()
    return text[: len(text) // 2].decode("utf-8", "ignore").encode()


def _no_session(draft: Draft) -> bytes:
    return compact({"hello": "world", "orders": [draft.session.integration_id]})


def _effects_only(draft: Draft) -> bytes:
    return spaced({"effects": effects_of(draft.session, draft.version)})


def _short_row(draft: Draft) -> bytes:
    return draft.encoded().rpartition(b",")[0]


def _long_row(draft: Draft) -> bytes:
    return draft.encoded() + b",one,more"


DEFECTS: tuple[Defect, ...] = (
    Defect("missing-integration-id", ("missing-member",), _drop("integrationId")),
    Defect("missing-application-id", ("missing-member",), _drop("applicationId")),
    Defect("missing-created", ("missing-member",), _drop("created")),
    Defect("missing-sku", ("missing-member",), _drop_in_line("sku")),
    Defect("missing-quantity", ("missing-member",), _drop_in_line("quantity")),
    Defect(
        "cost-without-price",
        ("missing-member",),
        _put_in_line("additionalCosts", {"giftWrap": {}}),
        never=_ZEROS,
    ),
    Defect("true-as-total", ("wrong-type",), _put("total", True)),
    Defect("true-as-price", ("wrong-type",), _put_in_line("price", True)),
    Defect("text-as-total", ("wrong-type",), _put("total", "n/a")),
    Defect("comma-in-total", ("wrong-type",), _put("total", "1,50")),
    Defect("nan-text", ("wrong-type",), _put_in_line("price", "NaN")),
    Defect("fractional-quantity", ("wrong-type",), _put_in_line("quantity", Decimal("1.5"))),
    Defect("cost-as-number", ("wrong-type",), _put_in_line("additionalCosts", {"giftWrap": 5})),
    Defect("label-without-value", ("wrong-type",), _put("discounts", {"SUMMER": None}), never=_V2),
    Defect("cart-as-text", ("wrong-type",), _cart_as_text),
    Defect("zero-quantity", ("out-of-range",), _put_in_line("quantity", 0)),
    Defect("huge-total", ("out-of-range",), _put("total", Decimal(10) ** 20 * 3)),
    Defect("huge-product", ("out-of-range",), _huge_product),
    Defect("unknown-state", ("bad-state",), _put("state", "done")),
    Defect("integer-state", ("bad-state",), _put("state", 2)),
    Defect("impossible-second", ("bad-instant",), _put("created", "2024-02-01T23:59:99Z")),
    Defect("no-offset", ("bad-instant",), _put("created", "2026-02-01T10:00:00")),
    Defect("slashed-time", ("bad-instant",), _put("created", "05/09/2022 13:05")),
    Defect("two-faults", ("out-of-range", "wrong-type"), _two_faults),
    Defect("nan", ("not-json",), _put_in_line("price", "@nan@"), broken=True),
    Defect("infinity", ("not-json",), _put_in_line("price", "@infinity@"), broken=True),
    Defect("huge-exponent", ("out-of-range",), _put_in_line("price", "@beyond@"), broken=True),
    Defect("half-surrogate", ("not-json",), _marked_attribute("@half@"), broken=True),
    Defect("too-deep", ("too-deep",), _marked_attribute("@deep@"), broken=True),
    Defect("not-utf-8", ("bad-encoding",), _marked_attribute("@latin@"), broken=True),
    Defect("doubled-member", ("duplicate-key",), _twice, broken=True, never=_CSV),
    Defect("doubled-label", ("duplicate-key",), _two_labels, broken=True, never=_V2),
    Defect("doubled-attribute", ("duplicate-key",), _two_attributes, broken=True),
    Defect("cut-line", ("not-json",), write=_half_a_line, broken=True, never=_CSV),
    Defect("no-session", ("not-a-session",), write=_no_session, broken=True, never=_CSV + _ZEROS),
    Defect(
        "effects-only", ("effects-without-session",), write=_effects_only, only=("v2_response",)
    ),
    Defect("python-cell", ("not-json",), _put("cartItems", _SKU_REPR), only=_CSV),
    Defect("cut-cell", ("not-json",), _half_cell, only=_CSV),
    Defect("short-row", ("bad-row",), write=_short_row, only=_CSV),
    Defect("long-row", ("bad-row",), write=_long_row, only=_CSV),
)
"""Every kind of bad record, in the order in which they are planted."""


def kinds_for(dialect: str) -> tuple[Defect, ...]:
    """The kinds of bad records that a dialect can have."""
    return tuple(
        defect
        for defect in DEFECTS
        if (not defect.only or dialect in defect.only) and dialect not in defect.never
    )


def spoilt(defect: Defect, draft: Draft) -> bytes:
    """Write a record with a defect."""
    defect.spoil(draft)
    return defect.write(draft)
