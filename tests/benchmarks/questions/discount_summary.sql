-- What the discounts cost, by application and label.
with told as (
    select
        application_id, integration_id, total,
        state in ('closed', 'partially_returned')                              as completed,
        state = 'cancelled' and closed_at is not null                          as revoked,
        discounts_known, coalesce(discount_total, 0)                           as discount_total
    from 'sessions.parquet'
),
knowledge as (
    select
        application_id,
        sum(discount_total) filter (discounts_known)    as known_discount_total,
        count(*) filter (discounts_known)               as discount_known_count,
        count(*) filter (discounts_known is null)       as discount_ambiguous_count,
        count(*) filter (not discounts_known)           as discount_unknown_count
    from told
    where completed
    group by all
),
discounts as (
    select application_id, integration_id, label, value
    from 'discounts.parquet'
),
amounts as (
    select application_id, label, value as amount, total, completed, revoked
    from discounts
    join told using (application_id, integration_id)
    where discounts_known and (completed or revoked)
    union all
    select application_id, null, discount_total, total, completed, revoked
    from told
    anti join discounts using (application_id, integration_id)
    where discounts_known and discount_total <> 0 and (completed or revoked)
),
labels as (
    select
        application_id,
        label,
        coalesce(sum(amount) filter (completed), 0)                                   as discount_total,
        count(*) filter (completed)                                                   as session_count,
        count(*) filter (completed and amount <> 0)                                   as nonzero,
        quantile_cont(cast(amount as double), [0.5, 0.9])
            filter (completed and amount <> 0)                                        as quantiles,
        min(amount) filter (completed and amount <> 0)                                as min_discount,
        max(amount) filter (completed and amount <> 0)                                as max_discount,
        coalesce(sum(total) filter (completed), 0)                                    as gross_total,
        avg(cast(amount as double) / cast(total as double))
            filter (completed and amount <> 0 and total > 0)                          as avg_depth,
        count(*) filter (completed and amount <> 0 and total > 0)                     as depth_count,
        count(*) filter (completed and amount = 0)                                    as zero_count,
        count(*) filter (completed and amount < 0)                                    as negative_count,
        coalesce(sum(amount), 0)                                                      as discount_given,
        coalesce(sum(amount) filter (revoked), 0)                                     as discount_reverted
    from amounts
    group by all
)
select
    application_id, label, discount_total,
    discount_total / nullif(known_discount_total, 0)        as share,
    known_discount_total,
    session_count,
    session_count                                           as row_count,
    discount_total / nullif(nonzero, 0)                     as avg_discount,
    quantiles[1]                                            as median_discount,
    quantiles[2]                                            as p90_discount,
    min_discount, max_discount, gross_total,
    if(gross_total > 0, discount_total / gross_total, null) as depth,
    avg_depth, depth_count, zero_count, negative_count, discount_given, discount_reverted,
    discount_known_count, discount_ambiguous_count, discount_unknown_count
from labels
left join knowledge using (application_id)
order by all;
