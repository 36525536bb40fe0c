-- customer_summary: new, returning and anonymous customers, and what their sessions were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and customer type, all four; in
--         the total row the type is null
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- note:   how often customers bought is told of their sessions in the group, of whatever type.

with customers as (
    select
        is_total,
        columns('^by_'),
        profile,
        nameless_profile,
        bool_or(customer_type = 'new')                                     as is_new,
        bool_or(customer_type = 'returning')                               as is_returning,
        bool_or(customer_type = 'unknown')                                 as is_unknown,
        count(*) filter (is_completed)                                     as completed_count,
        bool_or(is_completed and discounted = 'no')                        as paid_in_full,
        bool_or(is_completed and discounted = 'unknown')                   as is_unsure
    from (select *, state in ('closed', 'partially_returned') as is_completed from units)
    where profile is not null
        or nameless_profile is not null
    group by all
),

customer_rows as (
    select
        *,
        unnest(
            if(
                is_total,
                [cast(null as varchar)],
                list_filter(
                    [if(is_new, 'new', ''), if(is_returning, 'returning', ''),
                        if(is_unknown, 'unknown', '')],
                    lambda one: one <> ''
                )
            )
        ) as customer_type
    from customers
),

by_customers as (
    select
        is_total,
        columns('^by_'),
        customer_type,
        count(*)                                                       as customer_count,
        count(*) filter (completed_count = 0)                          as customer_0_count,
        count(*) filter (completed_count = 1)                          as customer_1_count,
        count(*) filter (completed_count = 2)                          as customer_2_count,
        count(*) filter (completed_count > 2)                          as customer_3_plus_count,
        count(*) filter (completed_count > 0 and not paid_in_full and not is_unsure)
            as always_discounted_count,
        count(*) filter (not paid_in_full and is_unsure)
            as maybe_always_discounted_count
    from customer_rows
    group by all
),

by_sessions as (
    select
        is_total,
        columns('^by_'),
        if(is_total, null, customer_type)                            as customer_type,
        count(*)                                                     as session_count,
        sum(gross)                                                   as gross_total,
        count(gross)                                                 as total_known_count,
        sum(known_discount)                                          as discount_total,
        count(*) filter (knows_discounts)                            as discount_known_count,
        count(*) filter (knows_discounts is null)                    as discount_ambiguous_count,
        count(*) filter (not knows_discounts)                        as discount_unknown_count,
        coalesce(sum(gross) filter (knows_discounts), 0)             as discount_known_gross_total,
        count(*) filter (discounted = 'yes')                         as discounted_count
    from units
    group by all
),

types (customer_type, is_total, step) as (
    values
        ('new', false, 1),
        ('returning', false, 2),
        ('unknown', false, 3),
        ('anonymous', false, 4),
        (null, true, 5)
),

every_group as (
    select
        is_total,
        row(*columns('^by_')) as grp
    from by_sessions
    union
    select
        is_total,
        row(*columns('^by_')) as grp
    from always
),

told as (
    select
        every_group.is_total,
        every_group.grp,
        types.customer_type,
        types.step,
        coalesce(session_count, 0)                 as session_count,
        coalesce(customer_count, 0)                as customer_count,
        coalesce(gross_total, 0)                   as gross_total,
        coalesce(total_known_count, 0)             as total_known_count,
        discount_total,
        coalesce(discount_known_count, 0)          as discount_known_count,
        coalesce(discount_ambiguous_count, 0)      as discount_ambiguous_count,
        coalesce(discount_unknown_count, 0)        as discount_unknown_count,
        coalesce(discount_known_gross_total, 0)    as discount_known_gross_total,
        coalesce(discounted_count, 0)              as discounted_count,
        coalesce(customer_0_count, 0)              as customer_0_count,
        coalesce(customer_1_count, 0)              as customer_1_count,
        coalesce(customer_2_count, 0)              as customer_2_count,
        coalesce(customer_3_plus_count, 0)         as customer_3_plus_count,
        coalesce(always_discounted_count, 0)       as always_discounted_count,
        coalesce(maybe_always_discounted_count, 0) as maybe_always_discounted_count
    from every_group
    inner join types using (is_total)
    left join (select *, row(*columns('^by_')) as grp from by_sessions) as money
        on money.is_total = every_group.is_total
            and money.grp = every_group.grp
            and money.customer_type is not distinct from types.customer_type
    left join (select *, row(*columns('^by_')) as grp from by_customers) as people
        on people.is_total = every_group.is_total
            and people.grp = every_group.grp
            and people.customer_type is not distinct from types.customer_type
)

select
    is_total,
    grp,
    customer_type,
    session_count,
    cast(sum(session_count) over same_group as bigint)                as group_session_count,
    session_count / nullif(group_session_count, 0)                    as share,
    customer_count,
    gross_total,
    total_known_count,
    gross_total / nullif(total_known_count, 0)                        as avg_session_value,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    discount_known_gross_total,
    discount_known_gross_total - discount_total                       as net_total,
    discounted_count,
    if(
        discount_ambiguous_count = 0,
        discount_total / nullif(discount_known_gross_total, 0),
        null
    )                                                                 as discount_rate,
    if(
        discount_ambiguous_count = 0,
        discounted_count / nullif(discount_known_count, 0),
        null
    )                                                                 as discount_penetration,
    customer_0_count,
    customer_1_count,
    customer_2_count,
    customer_3_plus_count,
    (customer_2_count + customer_3_plus_count)
        / nullif(customer_1_count + customer_2_count + customer_3_plus_count, 0) as repeat_rate,
    always_discounted_count,
    maybe_always_discounted_count
from told
window same_group as (partition by is_total, grp)
order by is_total, grp, step
