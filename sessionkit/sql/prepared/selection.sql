-- selection: how many sessions a question is about, and what is not known of them.
-- grain:  one row per application and currency
-- reads:  matching

select
    application_id,
    currency,
    money,
    count(*) filter (in_window and in_population)                     as session_count,
    count(*) filter (in_window and (in_population or was_completed))  as counted,
    count(*) filter (in_window and in_population and knows_discounts is null) as ambiguous,
    count(*) filter (in_window and in_population and not knows_discounts)     as unknown,
    count(*) filter (in_population and instant is null)               as undated,
    count(*) filter (in_window and in_population and has_total and gross is null) as total_lost
from matching
group by application_id, currency, money
order by application_id, currency
