-- negative-discount: a label whose discount is below zero.
-- grain:  one row per such label of a session
-- reads:  discounts

select
    application_id,
    integration_id,
    entry('discounts', label) as path,
    'at least 0' as expected,
    plain(value) as seen,
    value as amount
from discounts
where value < 0
