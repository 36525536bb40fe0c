-- discount-exceeds-total: more was taken off than the session was worth.
-- grain:  one row per session with a total and known discounts above 0
-- reads:  sessions

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'discounts' as path,
    'at most ' || plain(total) as expected,
    plain(discount_total) as seen,
    try(discount_total - total) as amount
from sessions
where discount_total > total and discount_total > 0
