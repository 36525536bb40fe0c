-- discount_stacks: which discounts occur together in a session.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and set of base labels, the most
--         frequent first
-- reads:  units (one row per session and group), discount_rows (one row per session and label)
-- takes:  variable stack_limit (the number of rows per group; null: all)
-- note:   a label counts where a session's map names it, with an amount of 0 too. Discounts that
--         are told as a single total have no labels: they stand in a row of their own. Depths are
--         no decimals: they are put in order first, so that they always add up to the same.

with stacks as (
    select
        application_id,
        integration_id,
        list_sort(list(distinct base_label)) as labels
    from discount_rows
    group by application_id, integration_id
),

knowledge as (
    select
        is_total,
        row(*columns('^by_'))                     as grp,
        count(*) filter (knows_discounts)         as discount_known_count,
        count(*) filter (knows_discounts is null) as discount_ambiguous_count,
        count(*) filter (not knows_discounts)     as discount_unknown_count
    from units
    group by all
),

carrying as (
    select
        is_total,
        row(*columns('^by_')) as grp,
        labels,
        gross,
        known_discount,
        case
            when known_discount <> 0 and gross > 0
                then cast(known_discount as double) / cast(gross as double)
        end                   as depth
    from units
    left join stacks using (application_id, integration_id)
    where knows_discounts
        and (labels is not null or known_discount <> 0)
),

per_stack as (
    select
        is_total,
        grp,
        labels,
        count(*)                                                  as session_count,
        sum(known_discount)                                       as discount_total,
        coalesce(sum(gross), 0)                                   as gross_total,
        list_avg(list_sort(list(depth) filter (depth is not null))) as avg_depth,
        count(depth)                                              as depth_count
    from carrying
    group by all
),

ranked as (
    select
        *,
        cast(sum(session_count) over same_group as bigint) as carrying_count,
        count(*) over same_group                           as stack_count,
        row_number() over (
            partition by is_total, grp
            order by session_count desc, discount_total desc, labels
        )                                                  as place
    from per_stack
    window same_group as (partition by is_total, grp)
)

select
    is_total,
    grp,
    labels,
    session_count,
    len(labels)                    as stack_depth,
    session_count / carrying_count as share,
    carrying_count,
    discount_total,
    gross_total,
    avg_depth,
    depth_count,
    place,
    stack_count,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count
from ranked
inner join knowledge using (is_total, grp)
where place <= getvariable('stack_limit')
    or getvariable('stack_limit') is null
order by is_total, grp, place
