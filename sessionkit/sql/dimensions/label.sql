-- label: the discounts that a session's map names.
-- grain:  one row per session and label
-- reads:  discounts

select
    application_id,
    integration_id,
    label as value
from discounts
