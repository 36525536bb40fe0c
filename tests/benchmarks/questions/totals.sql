-- What completed sessions were worth, by application and month of creation (UTC).
with returned as (
    select application_id, integration_id,
        sum(price * returned_quantity) as returned_total,
        bool_and(returned_quantity is not null and (returned_quantity = 0 or price is not null)) as known
    from 'cart_items.parquet'
    group by all
),
costs as (
    select application_id, integration_id, sum(price) as cost_total
    from 'additional_costs.parquet'
    group by all
),
span as (
    select min(created_at) as earliest,
        greatest(max(created_at), max(updated_at), max(closed_at), max(cancelled_at)) as latest
    from 'sessions.parquet'
),
months as (
    select
        application_id,
        cast(date_trunc('month', created_at) as date)               as month,
        count(*)                                                    as session_count,
        count(distinct profile_id)                                  as customer_count,
        sum(total)                                                  as gross_total,
        count(total)                                                as total_known_count,
        sum(items_total)                                            as items_total,
        count(items_total)                                          as priced_count,
        coalesce(sum(cost_total), 0)                                as additional_cost_total,
        sum(coalesce(discount_total, 0)) filter (discounts_known)   as discount_total,
        count(*) filter (discounts_known)                           as discount_known_count,
        count(*) filter (discounts_known is null)                   as discount_ambiguous_count,
        count(*) filter (not discounts_known)                       as discount_unknown_count,
        sum(total) filter (discounts_known)                         as discount_known_gross_total,
        coalesce(sum(returned_total), 0)                            as returned_total,
        count(*) filter (coalesce(known, true))                     as returned_known_count,
        sum(unit_count)                                             as unit_count,
        sum(line_count)                                             as line_count,
        quantile_cont(cast(total as double), 0.5)                   as median_session_value,
        count(*) filter (discounts_known and discount_total <> 0)   as discounted_count
    from 'sessions.parquet'
    left join returned using (application_id, integration_id)
    left join costs using (application_id, integration_id)
    where state in ('closed', 'partially_returned')
    group by all
)
select
    application_id,
    month,
    month < cast(earliest as date)
        or month + interval '1 month' > cast(latest as date) + 1    as partial,
    session_count, customer_count, gross_total, total_known_count, items_total, priced_count,
    additional_cost_total, discount_total, discount_known_count, discount_ambiguous_count,
    discount_unknown_count, discount_known_gross_total,
    discount_known_gross_total - discount_total                     as net_total,
    returned_total, returned_known_count,
    cast(unit_count as bigint) as unit_count, cast(line_count as bigint) as line_count,
    gross_total / nullif(total_known_count, 0)                      as avg_session_value,
    median_session_value,
    unit_count / session_count                                      as avg_units_per_session,
    discounted_count,
    if(discount_ambiguous_count = 0, discount_total / nullif(discount_known_gross_total, 0), null)
                                                                    as discount_rate,
    if(discount_ambiguous_count = 0, discounted_count / nullif(discount_known_count, 0), null)
                                                                    as discount_penetration
from months, span
order by all;
