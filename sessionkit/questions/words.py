"""Words that several questions define their columns with, written once.

Layer: inside `questions`; imports nothing.
"""

AMOUNT = "In the currency of the application."

SESSION_COUNT = "Sessions of the population in the group."

GROUP_SESSION_COUNT = "All sessions of the group, whatever their row: what share is a share of."

GROSS = f"Σ total, before discounts, over the sessions whose total is known. {AMOUNT}"

KNOWLEDGE = {
    "discount_known_count": "Sessions whose discounts are known.",
    "discount_ambiguous_count": "Sessions with an empty discount map that can mean none or not "
    "known.",
    "discount_unknown_count": "Sessions whose discounts are not known.",
}
