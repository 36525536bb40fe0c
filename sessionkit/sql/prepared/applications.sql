-- applications: the applications of all sessions, and their currencies where arguments tell them.
-- grain:  one row per application
-- reads:  sessions
-- takes:  variables currency, currency_applications, currency_codes
-- note:   what `selection` says, at less cost, where no session is left out; session_count stands
--         for any number.

with applications as (
    select distinct application_id
    from sessions
),

told as (
    select
        application_id,
        cast(
            coalesce(
                getvariable('currency_codes')[
                    list_position(getvariable('currency_applications'), application_id)
                ],
                getvariable('currency')
            ) as varchar
        ) as currency
    from applications
)

select
    application_id,
    currency,
    coalesce('in ' || currency, 'of application ' || application_id) as money,
    1 as session_count
from told
order by application_id
