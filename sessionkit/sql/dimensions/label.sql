-- label: the names of a session's discounts.
-- grain:  one row per session and label
-- reads:  told_discounts (one row per session and label)

select
    application_id,
    integration_id,
    label as value
from told_discounts
