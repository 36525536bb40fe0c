-- discount_depth: how deep the discounts of sessions are.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and band, shallowest first; all
--         bands, also without a session, and at the end those of sessions that have no depth
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- note:   depth = discounts / total. In twentieths, floats find the border that is nearest, and
--         exact numbers which side of it the depth is on, so that a depth of exactly 5 % never
--         slips. 20 times a very large amount has too many digits: there the total is 20 * whole +
--         rest units, so that k twentieths of it are k * whole + k * rest / 20.

with bands (step, band, depth_from, depth_to) as (
    values
        (-1, '< 0', null, 0),
        (0, '0', 0, 0)
    union all
    select
        k,
        format('{}–{} %', 5 * k - 5, 5 * k),
        (k - 1) / 20,
        k / 20
    from range(1, 21) as twentieth (k)
    union all
    values
        (21, '> 100 %', 1, null),
        (22, 'total ≤ 0', null, null),
        (23, 'no total', null, null),
        (24, 'ambiguous', null, null),
        (25, 'unknown', null, null)
),

counted as (
    select
        is_total,
        columns('^by_'),
        gross,
        known_discount,
        case
            when knows_discounts is null then 24
            when not knows_discounts then 25
            when gross is null then 23
            when gross <= 0 then 22
            when known_discount < 0 then -1
            when known_discount = 0 then 0
        end as step
    from units
),

nearest as (
    select
        *,
        case
            when step is null
                then least(cast(known_discount as double) / cast(gross as double), 1)
        end                                as about,
        cast(round(20 * about) as integer) as border
    from counted
),

deep as (
    select
        * exclude (step, about, border),
        case
            when step is not null then step
            when greatest(gross, known_discount) < 1e18
                then border + cast(20 * known_discount > border * gross as integer)
            else border + cast(
                cast(replace(cast(known_discount as varchar), '.', '') as hugeint)
                > border * (cast(replace(cast(gross as varchar), '.', '') as hugeint) // 20)
                + border * (cast(replace(cast(gross as varchar), '.', '') as hugeint) % 20) // 20
                as integer
            )
        end as step
    from nearest
),

told as materialized (
    select
        is_total,
        columns('^by_'),
        step,
        count(*)            as session_count,
        sum(gross)          as gross_total,
        sum(known_discount) as discount_total
    from deep
    group by all
),

by_band as (
    select
        *,
        row(*columns('^by_')) as grp
    from told
),

groups as (
    select
        is_total,
        grp
    from by_band
    union
    select
        is_total,
        row(*columns('^by_')) as grp
    from always
),

every as (
    select
        groups.is_total,
        groups.grp,
        bands.*,
        coalesce(by_band.session_count, 0)  as session_count,
        coalesce(by_band.gross_total, 0)    as gross_total,
        coalesce(by_band.discount_total, 0) as discount_total
    from groups
    cross join bands
    left join by_band
        on by_band.is_total = groups.is_total
            and by_band.grp = groups.grp
            and by_band.step = bands.step
)

select
    is_total,
    grp,
    band,
    session_count,
    cast(sum(session_count) over same_group as bigint)                as group_session_count,
    session_count / nullif(group_session_count, 0)                    as share,
    gross_total,
    if(band in ('ambiguous', 'unknown'), null, discount_total)        as discount_total,
    depth_from,
    depth_to,
    cast(sum(session_count) filter (band not in ('ambiguous', 'unknown')) over same_group as bigint)
                                                                      as discount_known_count,
    cast(sum(session_count) filter (band = 'ambiguous') over same_group as bigint)
                                                                      as discount_ambiguous_count,
    cast(sum(session_count) filter (band = 'unknown') over same_group as bigint)
                                                                      as discount_unknown_count
from every
window same_group as (partition by is_total, grp)
order by is_total, grp, step
