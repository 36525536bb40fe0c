-- selection: how many sessions a question is about, and what is not known of them.
-- grain:  one row per application and currency
-- reads:  matching
-- takes:  variable net_applications

with counted as (
    select
        application_id,
        currency,
        count(*) filter (in_window and in_population)                    as session_count,
        count(*) filter (in_window and (in_population or was_completed)) as counted,
        count(*) filter (in_window and in_population and knows_discounts is null) as ambiguous,
        count(*) filter (in_window and in_population and not knows_discounts)     as unknown,
        count(*) filter (in_population and instant is null)              as undated,
        count(*) filter (
            coalesce(application_id in getvariable('net_applications'), false)
            and in_window and in_population and has_total and gross is null
        )                                                                as total_lost
    from matching
    group by application_id, currency
)

select
    *,
    coalesce('in ' || currency, 'of application ' || application_id) as money
from counted
