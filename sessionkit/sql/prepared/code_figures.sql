-- code_figures: the sessions in which codes were entered, by how they ended, and their worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and name of a code
-- reads:  entered_codes (one row per session, group and name), always (groups that have a row even
--         without a session; of these only the group of all groups together has one here)
-- takes:  variable has_timeout (idle is null without)

with every as (
    select
        *,
        true as is_session
    from entered_codes
    union all by name
    select
        *,
        false as is_session
    from always
    where is_total
),

counted as (
    select
        is_total,
        columns('^by_'),
        name,
        count(*) filter (is_session)                               as session_count,
        count(distinct profile) + count(distinct nameless_profile) as customer_count,
        count(*) filter (outcome = 'kept_whole')                   as kept_whole,
        count(*) filter (outcome = 'partially_returned')           as partially_returned,
        count(*) filter (outcome = 'revoked')                      as revoked,
        count(*) filter (outcome = 'cancelled_open')               as cancelled_open,
        count(*) filter (outcome = 'cancelled_unknown')            as cancelled_unknown,
        count(*) filter (outcome = 'idle')                         as idle_count,
        count(*) filter (outcome = 'in_progress')                  as in_progress,
        coalesce(sum(gross), 0)                                    as gross_total,
        count(gross)                                               as total_known_count,
        sum(known_discount)                                        as discount_total,
        count(*) filter (knows_discounts)                          as discount_known_count,
        count(*) filter (is_session and knows_discounts is null)   as discount_ambiguous_count,
        count(*) filter (not knows_discounts)                      as discount_unknown_count,
        count(accepted)                                            as told_accepted_count,
        count(*) filter (accepted)                                 as accepted_sessions,
        count(rejected)                                            as told_rejected_count,
        count(*) filter (rejected)                                 as rejected_sessions
    from every
    group by all
)

select
    is_total,
    row(*columns('^by_'))                                   as grp,
    name,
    session_count,
    customer_count,
    kept_whole,
    partially_returned,
    revoked,
    cancelled_open,
    cancelled_unknown,
    if(getvariable('has_timeout'), idle_count, null)        as idle,
    in_progress,
    gross_total,
    total_known_count,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    if(told_accepted_count > 0, accepted_sessions, null)    as accepted_count,
    if(told_rejected_count > 0, rejected_sessions, null)    as rejected_count
from counted
