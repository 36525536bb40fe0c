-- rfm: how recently, how often and for how much each customer bought, scored 1 to 5.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and customer, the best first
-- reads:  units (one row per session and group)
-- takes:  variables as_of (later sessions are left out), money_is_net
-- note:   a score is made of whole numbers: of n customers, `rank - 1` do worse, and
--         1 + 5 * (rank - 1) // n is 5 where at least four fifths do. Equal values rank alike.

with per_customer as (
    select
        is_total,
        columns('^by_'),
        profile,
        nameless_profile,
        max(instant)                              as last_at,
        count(*)                                  as frequency,
        sum(gross)                                as gross_total,
        count(gross)                              as gross_known_count,
        coalesce(sum(gross) filter (knows_discounts), 0) - sum(known_discount) as net_total,
        count(known_discount)                     as net_known_count
    from units
    where (profile is not null or nameless_profile is not null)
        and coalesce(instant <= cast(getvariable('as_of') as timestamptz), true)
    group by all
),

customers as (
    select
        is_total,
        row(*columns('^by_'))                                                as grp,
        profile                                                              as profile_id,
        nameless_profile                                                     as profile_internal_id,
        last_at,
        cast(
            (epoch_us(cast(getvariable('as_of') as timestamptz)) - epoch_us(last_at))
            // 86400000000 as bigint
        )                                                                    as recency_days,
        frequency,
        if(getvariable('money_is_net'), net_total, gross_total)              as money,
        if(getvariable('money_is_net'), net_known_count, gross_known_count)  as money_known_count
    from per_customer
),

ranked as (
    select
        *,
        rank() over (partition by is_total, grp order by recency_days desc nulls last) as recency_rank,
        rank() over (partition by is_total, grp order by frequency)                    as frequency_rank,
        rank() over (partition by is_total, grp order by money nulls last)             as money_rank,
        count(*) over same_group                                                       as scored_count,
        count(recency_days) over same_group                                            as dated_count,
        count(money) over same_group                                                   as valued_count
    from customers
    window same_group as (partition by is_total, grp)
),

scored as (
    select
        *,
        if(recency_days is null, null, 1 + 5 * (recency_rank - 1) // dated_count) as recency_score,
        1 + 5 * (frequency_rank - 1) // scored_count                              as frequency_score,
        if(money is null, null, 1 + 5 * (money_rank - 1) // valued_count)         as money_score
    from ranked
)

select
    is_total,
    grp,
    profile_id,
    profile_internal_id,
    last_at,
    recency_days,
    frequency,
    money,
    money_known_count,
    recency_score,
    frequency_score,
    money_score,
    cast(recency_score as varchar) || frequency_score || money_score as rfm
from scored
order by is_total, grp, rfm desc nulls last, money desc nulls last, frequency desc, last_at desc,
    profile_id nulls last, profile_internal_id
