-- base_label: labels without the place of the item that they are about.
-- grain:  one row per session and base label
-- reads:  told_discounts (one row per session and label)
-- note:   "10% off#3" is a discount of one item; "Deal #2" is a name, as a space precedes the #.

select distinct
    application_id,
    integration_id,
    regexp_replace(label, '([^\s\p{Z}])#[0-9]+$', '\1') as value
from told_discounts
