"""Effects: what the rules of campaigns did to a session, one row per effect."""

from sessionkit.columns import Column, Kind, Table
from sessionkit.tables.session_key import SESSION_KEY
from sessionkit.tables.sessions import MONEY_UNIT

EFFECTS = Table(
    name="effects",
    doc="What rules did at each evaluation of a session, from effects exports and V2 responses.",
    grain="effect, from an effects export or a V2 response",
    key=(*SESSION_KEY, "session_internal_id", "event_id", "version_at", "state", "place"),
    columns=(
        Column(
            name="application_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The application of the session.",
        ),
        Column(
            name="integration_id",
            kind=Kind.TEXT,
            nullable=True,
            doc="The session's id in the shop's own system; from the session with that internal "
            "id, where the export does not tell it.",
        ),
        Column(
            name="session_internal_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="Talon.One's own id of the session; 0 is null.",
        ),
        Column(
            name="profile_id",
            kind=Kind.TEXT,
            nullable=True,
            personal=True,
            doc="The customer's id in the shop's own system.",
        ),
        Column(
            name="profile_internal_id",
            kind=Kind.WHOLE,
            nullable=True,
            personal=True,
            doc="Talon.One's own id of the customer; 0 is null.",
        ),
        Column(
            name="store_id",
            kind=Kind.TEXT,
            nullable=True,
            doc="The integration id of the store, if stores are used.",
        ),
        Column(
            name="store_internal_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="Talon.One's own id of the store, which only exports tell; 0 is null.",
        ),
        Column(
            name="event_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The event whose evaluation gave the effect; null in V2 responses, 0 is null.",
        ),
        Column(
            name="event_type",
            kind=Kind.TEXT,
            nullable=True,
            doc="The type of that event, such as `talon_session_closed`; null in V2 responses.",
        ),
        Column(
            name="created_at",
            kind=Kind.INSTANT,
            nullable=True,
            doc="When the effect came about; in V2 responses the session's update.",
        ),
        Column(
            name="version_at",
            kind=Kind.INSTANT,
            nullable=True,
            doc="The second of the update of the session that a V2 response told; null in exports.",
        ),
        Column(
            name="state",
            kind=Kind.STATE,
            nullable=True,
            doc="The state of the session that a V2 response told; null in exports.",
        ),
        Column(
            name="place",
            kind=Kind.WHOLE,
            at_least=0,
            doc="The effect's place in its response, or among the rows of its event that are "
            "alike, from 0.",
        ),
        Column(name="effect_type", kind=Kind.TEXT, doc="What kind of effect; an open list."),
        Column(
            name="campaign_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The campaign whose rule it was; 0 is null.",
        ),
        Column(name="ruleset_id", kind=Kind.WHOLE, nullable=True, doc="Its rules; 0 is null."),
        Column(
            name="rule_index",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The rule among them, from 0; null where there are no rules.",
        ),
        Column(name="rule_name", kind=Kind.TEXT, nullable=True, doc="The name of the rule."),
        Column(
            name="label",
            kind=Kind.TEXT,
            nullable=True,
            doc="The name of the discount, or of what else the effect names.",
        ),
        Column(
            name="value",
            kind=Kind.MONEY,
            nullable=True,
            unit=MONEY_UNIT,
            doc="What a discount effect takes off, or a rolled back discount gives back; null in "
            "all other effects, whose `value` is points, a code or something else.",
        ),
        Column(
            name="desired_value",
            kind=Kind.MONEY,
            nullable=True,
            unit=MONEY_UNIT,
            doc="What the rule wanted to take off, where it could not take off all of it.",
        ),
        Column(
            name="position",
            kind=Kind.WHOLE,
            nullable=True,
            doc="The `position` of the cart line that the effect is about.",
        ),
        Column(
            name="sub_position",
            kind=Kind.WHOLE,
            nullable=True,
            doc="Which unit of that line.",
        ),
        Column(
            name="scope",
            kind=Kind.TEXT,
            nullable=True,
            doc="What a discount comes off, where discounts cascade: such as `price`.",
        ),
        Column(
            name="additional_cost_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="Talon.One's own id of the additional cost that the effect is about.",
        ),
        Column(
            name="additional_cost",
            kind=Kind.TEXT,
            nullable=True,
            doc="The name of that additional cost.",
        ),
        Column(
            name="coupon_code",
            kind=Kind.TEXT,
            nullable=True,
            doc="The coupon that was accepted, rejected, created, reserved or rolled back.",
        ),
        Column(
            name="referral_code",
            kind=Kind.TEXT,
            nullable=True,
            personal=True,
            doc="The referral that was accepted, rejected, created or rolled back.",
        ),
        Column(
            name="rejection_reason",
            kind=Kind.TEXT,
            nullable=True,
            doc="Why a coupon or a referral was rejected; an open list.",
        ),
        Column(
            name="coupon_id",
            kind=Kind.WHOLE,
            nullable=True,
            doc="Talon.One's own id of the coupon that set the rule off; 0 is null.",
        ),
        Column(
            name="total_revenue",
            kind=Kind.MONEY,
            nullable=True,
            unit=MONEY_UNIT,
            doc="The session's total at that event, repeated in each of its rows; never add it.",
        ),
        Column(
            name="props",
            kind=Kind.JSON,
            personal=True,
            doc="All properties of the effect, as they came; before 2020 exports call them `args`.",
        ),
        Column(
            name="extras",
            kind=Kind.JSON,
            nullable=True,
            personal=True,
            doc="What else stands there of the effect, such as conditions and evaluation groups.",
        ),
        Column(name="source_file", kind=Kind.TEXT, doc="The file that the row was read from."),
        Column(
            name="source_record",
            kind=Kind.WHOLE,
            at_least=1,
            doc="The place of the record in its file, from 1.",
        ),
        Column(name="dialect", kind=Kind.TEXT, doc="The shape that the record came in."),
    ),
)
