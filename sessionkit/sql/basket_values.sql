-- basket_values: how many sessions are how large.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and size that some session has,
--         the smallest first, those without a total last
-- reads:  units (one row per session and group)
-- note:   sizes begin at 1, 2 and 5 times a power of ten. Which one a total is in is told by its
--         first digit and how many digits stand before the point, so that no border ever slips.

with digits as (
    select
        is_total,
        columns('^by_'),
        gross,
        if(gross >= 1, split_part(cast(gross as varchar), '.', 1), null) as whole
    from units
),

placed as (
    select
        * exclude (whole),
        case
            when gross < 0 then -2
            when gross = 0 then -1
            when gross < 1 then 0
            when left(whole, 1) = '1' then 3 * len(whole) - 2
            when left(whole, 1) < '5' then 3 * len(whole) - 1
            when gross is not null then 3 * len(whole)
        end as place
    from digits
),

per_size as (
    select
        is_total,
        columns('^by_'),
        place,
        count(*)   as session_count,
        sum(gross) as gross_total
    from placed
    group by all
)

select
    is_total,
    row(*columns('^by_')) as grp,
    place,
    session_count,
    gross_total
from per_size
order by is_total, grp, place nulls last
