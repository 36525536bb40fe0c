"""How the members of a session are spelt: the one place that knows any spelling.

A member is looked up without regard to case and underscores, so that one entry serves the API's
camelCase, the CSV export's lower case, the Python SDK's snake_case and C#'s PascalCase. The lists
are closed. Keys of `attributes`, `discounts`, `additionalCosts` and `prices` are the shop's own
and are never looked up here.

Layer: bottom; imports nothing from the package.
"""

from __future__ import annotations


def folded(key: str) -> str:
    """A key without case and underscores.

    Example:
        >>> folded("IntegrationId") == folded("integration_id") == folded("integrationid")
        True
    """
    return key.replace("_", "").lower()


def _spelt(*members: str, **others: str) -> dict[str, str]:
    return {folded(member): member for member in members} | others


_ANYWHERE = _spelt(
    "id",
    "integrationId",
    "applicationId",
    "storeIntegrationId",
    "created",
    "updated",
    "closedAt",
    "cancelledAt",
    "state",
    "firstSession",
    "updateCount",
    "cartItems",
    "discounts",
    "additionalCosts",
    "identifiers",
    "loyaltyCards",
    "couponCodes",
    "coupon",
    "referralCode",
    "referral",
    "evaluableCampaignIds",
    "experimentVariantAllocations",
    "attributes",
    "total",
    "totalDiscounts",
    "cartItemTotal",
    "additionalCostTotal",
    "cartItemAdditionalCostTotal",
    coupons="couponCodes",
    canceledat="cancelledAt",
)

INTEGRATION_SESSION = _ANYWHERE | {"profileid": "profileId"}
"""Members of a session of the Integration API, V1 or V2: `profileId` is the shop's own id."""

MANAGEMENT_SESSION = _ANYWHERE | {
    "profileid": "profileInternalId",
    "profileintegrationid": "profileId",
}
"""Members of a session of the Management API and its CSV: `profileId` is Talon.One's number."""

SINGLE = {"coupon": "couponCodes", "referral": "referralCode"}
"""V1's members for one code, and those of V2 that hold what they tell."""

CART_ITEM = _spelt(
    "sku",
    "name",
    "category",
    "product",
    "quantity",
    "returnedQuantity",
    "remainingQuantity",
    "price",
    "position",
    "weight",
    "height",
    "width",
    "length",
    "attributes",
    "additionalCosts",
    "catalogItemId",
    "selectedPriceType",
    "adjustmentReferenceId",
    "adjustmentEffectiveFrom",
    "adjustmentEffectiveUntil",
    "prices",
)
"""Members of a cart item."""

PRODUCT = _spelt("name")
"""Members of the product of a cart item."""

COST = _spelt("price")
"""Members of an additional cost."""

PRICE = _spelt(
    "price",
    "adjustmentReferenceId",
    "adjustmentContextId",
    "adjustmentEffectiveFrom",
    "adjustmentEffectiveUntil",
    effectivefrom="adjustmentEffectiveFrom",
    effectiveuntil="adjustmentEffectiveUntil",
)
"""Members of one of the prices of a cart item."""

EFFECT_BESIDE = (
    "adjustmentReferenceId",
    "campaignRevisionId",
    "campaignRevisionVersionId",
    "conditionIndex",
    "evaluationGroupId",
    "evaluationGroupMode",
    "experimentId",
    "selectedPrice",
    "selectedPriceType",
    "triggeredForCatalogItem",
)
"""Members of an effect that are known, but have no column; they are kept as they are."""

EFFECT = _spelt(
    "effectType",
    "campaignId",
    "rulesetId",
    "ruleIndex",
    "ruleName",
    "triggeredByCoupon",
    "props",
    *EFFECT_BESIDE,
)
"""Members of an effect in a response."""

EFFECT_PROPS = _spelt(
    "name",
    "value",
    "desiredValue",
    "position",
    "subPosition",
    "cartItemPosition",
    "cartItemSubPosition",
    "scope",
    "additionalCostId",
    "additionalCost",
    "couponValue",
    "rejectionReason",
)
"""Members of the properties of an effect that the model reads."""

EFFECTS_EXPORT = {
    "created": "created_at",
    "name": "effect_type",
    "applicationid": "application_id",
    "campaignid": "campaign_id",
    "rulesetid": "ruleset_id",
    "ruleindex": "rule_index",
    "rulename": "rule_name",
    "sessionintegrationid": "integration_id",
    "profileintegrationid": "profile_id",
    "sessionid": "session_internal_id",
    "profileid": "profile_internal_id",
    "eventid": "event_id",
    "eventtype": "event_type",
    "totalrevenue": "total_revenue",
    "props": "props",
    "args": "props",
    "couponid": "coupon_id",
    "storeid": "store_internal_id",
    "storeintegrationid": "store_id",
}
"""Columns of an effects export, folded, and the columns of `effects` that they fill."""

RESPONSE = frozenset(
    {
        "achievements",
        "advancedevent",
        "awardedgiveaways",
        "campaigneligibility",
        "coupon",
        "coupons",
        "createdcoupons",
        "createdreferrals",
        "customerprofile",
        "customersession",
        "effects",
        "event",
        "loyalty",
        "previousreturns",
        "profile",
        "referral",
        "return",
        "rulefailurereasons",
        "session",
        "triggeredcampaigns",
    }
)
"""Members of a response of the Integration API, folded."""
