-- totals: how many sessions there are, what they were worth, and what the discounts cost.
-- grain:  one row per group (the columns by_1, by_2, ... of units)
-- reads:  units (one row per session and group), cart_items, additional_costs,
--         always (groups that have a row even without a session)
-- note:   lines and costs are summed apart from the sessions, so that no session counts twice. Of
--         the lines only those matter that came back, or may have.

with children as (
    select
        application_id,
        integration_id,
        price * returned_quantity as returned_total,
        null                      as additional_cost_total,
        0                         as returned_unknown_count
    from cart_items
    where returned_quantity <> 0
    union all
    select
        application_id,
        integration_id,
        null,
        price,
        0
    from additional_costs
    union all
    select distinct
        application_id,
        integration_id,
        null,
        null,
        1
    from cart_items
    where returned_quantity is null
        or (returned_quantity <> 0 and price is null)
),

beside as (
    select
        is_total,
        columns('^by_'),
        sum(returned_total)                          as returned_total,
        sum(additional_cost_total)                   as additional_cost_total,
        cast(sum(returned_unknown_count) as bigint)  as returned_unknown_count
    from units
    inner join children using (application_id, integration_id)
    group by all
),

every as (
    select
        *,
        true as is_session
    from units
    union all by name
    select
        *,
        false as is_session
    from always
),

per_group as (
    select
        is_total,
        columns('^by_'),
        count(*) filter (is_session)                                as session_count,
        count(distinct profile) + count(distinct nameless_profile)  as customer_count,
        coalesce(sum(gross), 0)                                     as gross_total,
        count(gross)                                                as total_known_count,
        coalesce(sum(items_total), 0)                               as items_total,
        count(items_total)                                          as priced_count,
        sum(known_discount)                                         as discount_total,
        count(*) filter (knows_discounts)                           as discount_known_count,
        count(*) filter (is_session and knows_discounts is null)    as discount_ambiguous_count,
        count(*) filter (not knows_discounts)                       as discount_unknown_count,
        coalesce(sum(gross) filter (knows_discounts), 0)            as discount_known_gross_total,
        cast(coalesce(sum(unit_count), 0) as bigint)                as unit_count,
        cast(coalesce(sum(line_count), 0) as bigint)                as line_count,
        cast(quantile_cont(gross, 0.5) as double)                   as median_session_value,
        count(*) filter (discounted = 'yes')                        as discounted_count
    from every
    group by all
),

told as (
    select *
    from (select *, row(*columns('^by_')) as grp from per_group)
    left join (select *, row(*columns('^by_')) as grp from beside) using (is_total, grp)
)

select
    is_total,
    grp,
    session_count,
    customer_count,
    gross_total,
    total_known_count,
    items_total,
    priced_count,
    coalesce(additional_cost_total, 0)            as additional_cost_total,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    discount_known_gross_total,
    discount_known_gross_total - discount_total   as net_total,
    coalesce(returned_total, 0)                   as returned_total,
    session_count - coalesce(returned_unknown_count, 0) as returned_known_count,
    unit_count,
    line_count,
    gross_total / nullif(total_known_count, 0)    as avg_session_value,
    median_session_value,
    unit_count / nullif(session_count, 0)         as avg_units_per_session,
    discounted_count,
    if(
        discount_ambiguous_count = 0,
        discount_total / nullif(discount_known_gross_total, 0),
        null
    )                                             as discount_rate,
    if(
        discount_ambiguous_count = 0,
        discounted_count / nullif(discount_known_count, 0),
        null
    )                                             as discount_penetration
from told
order by is_total, grp
