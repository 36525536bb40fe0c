-- discount_rows: the discounts of sessions, by their names.
-- grain:  one row per session and label
-- reads:  told_discounts
-- note:   "10% off#3" is a discount of one item; "Deal #2" is a name, as a space precedes the #.

select
    application_id,
    integration_id,
    label,
    regexp_replace(label, '([^\s\p{Z}])#[0-9]+$', '\1') as base_label,
    value
from told_discounts
