-- discount_summary: what the discounts cost, by label or any other group.
-- grain:  one row per group: the columns by_1, label_2, ... of amounts
-- reads:  amounts (one row per session and group that the session carries a discount in: the sum
--         of its discounts there), units (one row per session and group without labels), matching,
--         always (groups that have a row even without a session)
-- note:   statistics cover sessions whose sum is not 0; given and reverted cover sessions that were
--         completed once, whatever the population. A group has amounts of one currency only.
--         Depths are no decimals: they are put in order first, so that they always add up to the
--         same.

with per_scope as materialized (
    select
        is_total,
        columns('^by_'),
        count(*) filter (knows_discounts)         as discount_known_count,
        count(*) filter (knows_discounts is null) as discount_ambiguous_count,
        count(*) filter (not knows_discounts)     as discount_unknown_count
    from units
    group by all
),

knowledge as (
    select
        *,
        row(*columns('^by_')) as scope
    from per_scope
),

per_application as (
    select
        application_id,
        currency,
        sum(known_discount) as known_discount_total
    from matching
    where in_window and in_population
    group by application_id, currency
),

all_known as (
    select
        coalesce('in ' || currency, 'of application ' || application_id) as money,
        sum(known_discount_total) as known_discount_total
    from per_application
    group by money
),

per_session as (
    select
        *,
        case
            when in_population and amount <> 0 and gross > 0
                then cast(amount as double) / cast(gross as double)
        end as depth
    from amounts
    union all by name
    select * from always
),

per_group as (
    select
        is_total,
        columns('^(by|label)_'),
        coalesce(
            'in ' || min(currency), 'of application ' || min(application_id)
        )                                                                as money,
        coalesce(sum(amount) filter (in_population), 0)                  as discount_total,
        count(*) filter (in_population and row_count > 0)                as session_count,
        cast(coalesce(sum(row_count) filter (in_population), 0) as bigint) as row_count,
        count(*) filter (in_population and amount <> 0)                  as nonzero_count,
        quantile_cont(amount, [0.5, 0.9])
            filter (in_population and amount <> 0)                       as quantiles,
        min(amount) filter (in_population and amount <> 0)               as min_discount,
        max(amount) filter (in_population and amount <> 0)               as max_discount,
        coalesce(sum(gross) filter (in_population and row_count > 0), 0) as gross_total,
        list_avg(list_sort(list(depth) filter (depth is not null)))      as avg_depth,
        count(depth)                                                     as depth_count,
        count(*) filter (in_population and row_count > 0 and amount = 0) as zero_count,
        count(*) filter (in_population and amount < 0)                   as negative_count,
        coalesce(sum(amount) filter (was_completed), 0)                  as given,
        coalesce(sum(amount) filter (revoked), 0)                        as reverted,
        count(*) filter (was_completed)                                  as completed_count,
        count(*) filter (was_completed and knows_discounts)              as completed_known_count,
        count(*) filter (revoked)                                        as revoked_count,
        count(*) filter (revoked and knows_discounts)                    as revoked_known_count
    from per_session
    group by all
),

grouped as (
    select
        *,
        row(*columns('^by_'))         as scope,
        row(*columns('^(by|label)_')) as grp
    from per_group
),

told as (
    select
        grouped.* exclude (discount_total),
        if(discount_known_count > 0, discount_total, null) as discount_total,
        coalesce(known_discount_total, 0)                  as known_discount_total,
        coalesce(discount_known_count, 0)                  as discount_known_count,
        coalesce(discount_ambiguous_count, 0)              as discount_ambiguous_count,
        coalesce(discount_unknown_count, 0)                as discount_unknown_count
    from grouped
    left join knowledge using (is_total, scope)
    left join all_known using (money)
)

select
    is_total,
    grp,
    discount_total,
    discount_total / nullif(known_discount_total, 0)          as share,
    known_discount_total,
    session_count,
    row_count,
    discount_total / nullif(nonzero_count, 0)                 as avg_discount,
    cast(quantiles[1] as double)                              as median_discount,
    cast(quantiles[2] as double)                              as p90_discount,
    min_discount,
    max_discount,
    gross_total,
    if(gross_total > 0, discount_total / gross_total, null)   as depth,
    avg_depth,
    depth_count,
    zero_count,
    negative_count,
    if(completed_known_count > 0 or completed_count = 0, given, null) as discount_given,
    if(revoked_known_count > 0 or revoked_count = 0, reverted, null)  as discount_reverted,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count
from told
order by is_total, grp
