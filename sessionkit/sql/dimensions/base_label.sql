-- base_label: labels without the place of the item that they are about.
-- grain:  one row per session and base label
-- reads:  discount_rows (one row per session and label)

select distinct
    application_id,
    integration_id,
    base_label as value
from discount_rows
