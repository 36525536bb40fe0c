-- identifier_overlap: customers that share identifiers, coupons or referrals.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and component of customers that
--         are linked by shared values; then one per value that too many share to link them
-- reads:  units (one row per session and group), entered, sharing, components
-- takes:  variables kinds, is_hidden, salt

with sets as (
    select
        sharing.*,
        coalesce(root, shared) as root
    from sharing
    left join components
        on components.node = sharing.shared
            and is_linked
),

customers as (
    select distinct
        customer,
        is_total,
        grp,
        profile,
        nameless_profile
    from sharing
),

per_customer as (
    select
        customer,
        count(*)                                  as session_count,
        sum(gross)                                as gross_total,
        sum(known_discount)                       as discount_total,
        count(*) filter (knows_discounts)         as discount_known_count,
        count(*) filter (knows_discounts is null) as discount_ambiguous_count,
        count(*) filter (not knows_discounts)     as discount_unknown_count
    from (select *, row(*columns('^by_')) as grp from units) as own
    inner join customers
        on customers.is_total = own.is_total
            and customers.grp = own.grp
            and customers.profile is not distinct from own.profile
            and customers.nameless_profile is not distinct from own.nameless_profile
    group by customer
),

by_customers as (
    select
        root,
        count(*)                                       as profile_count,
        cast(sum(session_count) as bigint)             as session_count,
        sum(gross_total)                               as gross_total,
        sum(discount_total)                            as discount_total,
        cast(sum(discount_known_count) as bigint)      as discount_known_count,
        cast(sum(discount_ambiguous_count) as bigint)  as discount_ambiguous_count,
        cast(sum(discount_unknown_count) as bigint)    as discount_unknown_count,
        min(customer)                                  as first_customer,
        list_sort(list(if(
            getvariable('is_hidden'),
            left(sha256(getvariable('salt') || secret_name), 16),
            name
        )))                                            as profiles
    from (
        select distinct
            root,
            customer,
            coalesce(profile, '#' || nameless_profile)                     as name,
            coalesce(':profile:' || profile, ':number:' || nameless_profile) as secret_name
        from sets
    )
    inner join per_customer using (customer)
    group by root
),

by_values as (
    select
        root,
        is_total,
        grp,
        is_linked,
        count(*) as identifier_count,
        list_sort(list(
            if(len(getvariable('kinds')) > 1, kind || ':', '')
            || if(
                getvariable('is_hidden'),
                left(sha256(getvariable('salt') || ':' || kind || ':' || value), 16),
                value
            )
        ))       as identifiers
    from (select distinct root, is_total, grp, is_linked, kind, value from sets)
    group by root, is_total, grp, is_linked
),

by_sessions as (
    select
        root,
        count(*) as sharing_session_count
    from (
        select distinct
            root,
            application_id,
            integration_id
        from entered
        inner join (select distinct root, is_total, grp, kind, value from sets)
            using (is_total, grp, kind, value)
    )
    group by root
)

select
    is_total,
    grp,
    if(
        is_linked,
        row_number() over (
            partition by is_total, grp, is_linked
            order by profile_count desc, session_count desc, first_customer
        ),
        null
    )                        as component,
    is_linked,
    profile_count,
    identifier_count,
    session_count,
    sharing_session_count,
    coalesce(gross_total, 0) as gross_total,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    profiles,
    identifiers
from by_customers
inner join by_values using (root)
inner join by_sessions using (root)
order by is_total, grp, is_linked desc, component, profile_count desc, session_count desc, root desc
