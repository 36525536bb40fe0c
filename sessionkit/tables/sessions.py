"""Sessions: one row per customer session, as last seen."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.lifecycle import STATES
from sessionkit.tables.session_key import SESSION_KEY, key_columns

MONEY_UNIT = "currency of the application"

_WHO = (
    Column(
        name="internal_id",
        kind=Kind.WHOLE,
        path="id",
        nullable=True,
        completes="lasting",
        doc="Talon.One's own number for the session; V1 dumps do not tell it.",
    ),
    Column(
        name="profile_id",
        kind=Kind.TEXT,
        path="profileId",
        nullable=True,
        personal=True,
        doc='The customer\'s integration id; null when the session is anonymous (`""` is none).',
    ),
    Column(
        name="profile_internal_id",
        kind=Kind.WHOLE,
        path="profileInternalId",
        nullable=True,
        personal=True,
        completes="lasting",
        doc="Talon.One's own number for the customer; 0 is null.",
    ),
    Column(
        name="store_id",
        kind=Kind.TEXT,
        path="storeIntegrationId",
        nullable=True,
        completes="lasting",
        doc="The integration id of the store, if stores are used.",
    ),
)
_LIFE = (
    Column(
        name="state",
        kind=Kind.STATE,
        path="state",
        one_of=STATES,
        doc="Where the session stands; `open` when the dump does not say.",
    ),
    Column(
        name="created_at",
        kind=Kind.INSTANT,
        path="created",
        doc="When the session was created. The CSV export has whole seconds only.",
    ),
    Column(
        name="updated_at",
        kind=Kind.INSTANT,
        path="updated",
        nullable=True,
        doc="When the last event of the session came in; not when it closed. List pages and "
        "single sessions do not tell it.",
    ),
    Column(
        name="closed_at",
        kind=Kind.INSTANT,
        path="closedAt",
        nullable=True,
        completes="lasting",
        doc="When the session was closed; null means never only where `times_known`.",
    ),
    Column(
        name="cancelled_at",
        kind=Kind.INSTANT,
        path="cancelledAt",
        nullable=True,
        completes="lasting",
        doc="When the session was cancelled; null means never only where `times_known`.",
    ),
    Column(
        name="times_known",
        kind=Kind.FLAG,
        member="closedAt",
        doc="Whether the dump tells closing and cancelling times, so that null means never.",
    ),
    Column(
        name="first_session",
        kind=Kind.FLAG,
        path="firstSession",
        nullable=True,
        completes="lasting",
        doc="Whether it is the first session of its customer; always true for anonymous sessions.",
    ),
    Column(
        name="update_count",
        kind=Kind.WHOLE,
        path="updateCount",
        nullable=True,
        at_least=0,
        unit="updates",
        doc="How many times the session was updated, from 1.",
    ),
)
_CODES = (
    Column(
        name="referral_code",
        kind=Kind.TEXT,
        path="referralCode",
        nullable=True,
        personal=True,
        doc='The referral code entered; null when there is none (`""` is none).',
    ),
    Column(
        name="coupon_codes",
        kind=Kind.TEXTS,
        path="couponCodes",
        doc="The coupon codes entered, in their order; empty when there is none.",
    ),
    Column(
        name="identifiers",
        kind=Kind.TEXTS,
        path="identifiers",
        nullable=True,
        personal=True,
        doc="Identifiers sent for fraud detection, such as hashed addresses.",
    ),
    Column(
        name="loyalty_cards",
        kind=Kind.TEXTS,
        path="loyaltyCards",
        nullable=True,
        personal=True,
        doc="The loyalty cards used in the session.",
    ),
    Column(
        name="evaluable_campaign_ids",
        kind=Kind.WHOLES,
        path="evaluableCampaignIds",
        nullable=True,
        doc="The campaigns that a dry run was limited to.",
    ),
    Column(
        name="experiments",
        kind=Kind.JSON,
        path="experimentVariantAllocations",
        nullable=True,
        doc="The experiment variants given to the session, as JSON text.",
    ),
)
_MONEY = (
    Column(
        name="total",
        kind=Kind.MONEY,
        path="total",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The session's total as reported, before discounts. V1: as the shop sent it; V2: "
        "items and additional costs, as Talon.One added them.",
    ),
    Column(
        name="cart_item_total",
        kind=Kind.MONEY,
        path="cartItemTotal",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The cart lines before discounts, as reported (V2).",
    ),
    Column(
        name="additional_cost_total",
        kind=Kind.MONEY,
        path="additionalCostTotal",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The session's own additional costs before discounts, as reported (V2).",
    ),
    Column(
        name="cart_item_additional_cost_total",
        kind=Kind.MONEY,
        path="cartItemAdditionalCostTotal",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The additional costs of cart lines before discounts, as reported (V2 since 2026-05).",
    ),
    Column(
        name="total_discounts",
        kind=Kind.MONEY,
        path="totalDiscounts",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The sum of discounts as reported. List pages write 0 for any sum, so 0 there is null.",
    ),
    Column(
        name="discounts_known",
        kind=Kind.FLAG,
        member="discountTotal",
        nullable=True,
        doc="Whether the discounts of the session are known: true, false, or null where the dump "
        "writes `{}` for none and for unknown alike.",
    ),
    Column(
        name="discount_total",
        kind=Kind.MONEY,
        member="discountTotal",
        nullable=True,
        unit=MONEY_UNIT,
        doc="The sum of the discounts, from one source; null unless they are known.",
    ),
    Column(
        name="items_total",
        kind=Kind.MONEY,
        member="cartItems",
        nullable=True,
        unit=MONEY_UNIT,
        doc="Price × quantity over the cart; 0 for an empty cart, null when a price is missing.",
    ),
    Column(
        name="line_count",
        kind=Kind.WHOLE,
        member="cartItems",
        at_least=0,
        unit="lines",
        doc="How many lines the cart has.",
    ),
    Column(
        name="unit_count",
        kind=Kind.WHOLE,
        member="cartItems",
        at_least=0,
        unit="units",
        doc="How many units the cart has: the quantities of its lines, before returns.",
    ),
)
_REST = (
    Column(
        name="attributes",
        kind=Kind.JSON,
        path="attributes",
        doc="The session's own attributes, as the JSON text that came; `{}` when there are none.",
    ),
    Column(
        name="extras",
        kind=Kind.JSON,
        path="extras",
        nullable=True,
        doc="Members that the model does not know, as one JSON object.",
    ),
)
_PROVENANCE = (
    Column(
        name="source_file",
        kind=Kind.TEXT,
        completes="never",
        doc="The file that the row was read from.",
    ),
    Column(
        name="source_record",
        kind=Kind.WHOLE,
        completes="never",
        at_least=1,
        doc="The place of the record in its file, from 1.",
    ),
    Column(
        name="source_offset",
        kind=Kind.WHOLE,
        completes="never",
        at_least=0,
        unit="bytes",
        doc="Where the record begins in its file, after decompression.",
    ),
    Column(
        name="dialect",
        kind=Kind.TEXT,
        completes="never",
        doc="The shape that the record came in.",
    ),
)

SESSIONS = Table(
    name="sessions",
    doc="Customer sessions, as last seen in any of the dumps.",
    grain="session, as last seen",
    key=SESSION_KEY,
    rows=("",),
    columns=(*key_columns(up=""), *_WHO, *_LIFE, *_CODES, *_MONEY, *_REST, *_PROVENANCE),
)
