-- totals: how many sessions there are, what they were worth, and what the discounts cost.
-- grain:  one row per group
-- reads:  units (one row per session and group), cart_items, additional_costs,
--         always (groups that have a row even without a session)
-- note:   lines and costs are summed to the session before they meet it, so that no session
--         counts twice.

with returned as (
    select
        application_id,
        integration_id,
        sum(price * returned_quantity)                         as returned_total,
        bool_and(
            returned_quantity is not null
            and (returned_quantity = 0 or price is not null)
        )                                                      as returned_known
    from cart_items
    group by application_id, integration_id
),

costs as (
    select
        application_id,
        integration_id,
        sum(price) as additional_cost_total
    from additional_costs
    group by application_id, integration_id
),

per_session as (
    select
        *,
        true as is_session
    from units
    left join returned using (application_id, integration_id)
    left join costs using (application_id, integration_id)
    union all by name
    select
        *,
        false as is_session
    from always
),

per_group as (
    select
        is_total,
        grp,
        count(*) filter (is_session)                                as session_count,
        count(distinct profile) + count(distinct nameless_profile)  as customer_count,
        coalesce(sum(gross), 0)                                     as gross_total,
        count(gross)                                                as total_known_count,
        coalesce(sum(items_total), 0)                               as items_total,
        count(items_total)                                          as priced_count,
        coalesce(sum(additional_cost_total), 0)                     as additional_cost_total,
        sum(known_discount)                                         as discount_total,
        count(*) filter (knows_discounts)                           as discount_known_count,
        count(*) filter (is_session and knows_discounts is null)    as discount_ambiguous_count,
        count(*) filter (not knows_discounts)                       as discount_unknown_count,
        coalesce(sum(gross) filter (knows_discounts), 0)            as discount_known_gross_total,
        coalesce(sum(returned_total), 0)                            as returned_total,
        count(*) filter (is_session and coalesce(returned_known, true)) as returned_known_count,
        cast(coalesce(sum(unit_count), 0) as bigint)                as unit_count,
        cast(coalesce(sum(line_count), 0) as bigint)                as line_count,
        quantile_cont(cast(gross as double), 0.5)                   as median_session_value,
        count(*) filter (discounted = 'yes')                        as discounted_count
    from per_session
    group by is_total, grp
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
    additional_cost_total,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    discount_known_gross_total,
    discount_known_gross_total - discount_total   as net_total,
    returned_total,
    returned_known_count,
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
from per_group
order by is_total, grp
