-- reconcile: what sessions add up to in the windows of a campaign analytics export.
-- grain:  one row per window of a scope (`total`, `influenced`, or a campaign), with or without
--         partially returned sessions, and change: what is reckoned differently than Talon.One
--         says it does; `none` is nothing
-- reads:  matching, campaign_sessions (one row per session and campaign that holds it)
-- takes:  variables window_scopes, window_starts, window_ends; zone_minutes, the clocks to try
-- note:   sessions are cut at every bound of every window first, and added up between the cuts, so
--         that so many ways to reckon cost hardly more than one. Amounts of several currencies
--         are not added: they are null.

with windows as (
    select
        unnest(cast(getvariable('window_scopes') as varchar[]))     as scope,
        unnest(cast(getvariable('window_starts') as timestamptz[])) as start_at,
        unnest(cast(getvariable('window_ends') as timestamptz[]))   as end_at
),

closed_once as (
    select *
    from matching
    where state in ('closed', 'partially_returned')
        or (state = 'cancelled' and closed_at is not null)
),

applications as (
    select distinct application_id
    from closed_once
),

changes as (
    select 'none' as change, null as number, 'closed' as basis
    union all
    select 'with-cancelled', null, 'closed'
    union all
    select 'created-at', null, 'created'
    union all
    select 'updated-at', null, 'updated'
    union all
    select 'last-day-in', null, 'closed'
    union all
    select 'net-of-discounts', null, 'closed'
    union all
    select 'lines', null, 'closed'
    union all
    select 'application', application_id, 'closed'
    from applications
    where (select count(*) from applications) > 1
    union all
    select 'zone', unnest(getvariable('zone_minutes')), 'closed'
),

bounds as (
    select
        scope,
        start_at,
        end_at,
        change,
        number,
        basis,
        start_at - if(change = 'zone', to_minutes(number), to_minutes(0)) as since,
        end_at
            - if(change = 'zone', to_minutes(number), to_minutes(0))
            + to_days(if(change = 'last-day-in', 1, 0))                   as until
    from windows
    cross join changes
),

cuts as (
    select since as cut from bounds
    union
    select until from bounds
),

held as (
    select
        application_id,
        integration_id,
        cast(campaign_id as varchar) as scope,
        coupon_count,
        items_discount_total
    from campaign_sessions
    where cast(campaign_id as varchar) in getvariable('window_scopes')
    union all
    select
        application_id,
        integration_id,
        'influenced',
        sum(coupon_count),
        sum(items_discount_total)
    from campaign_sessions
    where 'influenced' in getvariable('window_scopes')
    group by application_id, integration_id
),

scoped as (
    select
        closed_once.*,
        'total'        as scope,
        null           as coupon_count,
        null           as items_discount_total
    from closed_once
    where 'total' in getvariable('window_scopes')
    union all
    select
        closed_once.*,
        held.scope,
        held.coupon_count,
        held.items_discount_total
    from closed_once
    inner join held using (application_id, integration_id)
),

dated as (
    select 'closed' as basis, closed_at as instant, * exclude (instant)
    from scoped
    where closed_at is not null
    union all
    select 'created', created_at, * exclude (instant)
    from scoped
    union all
    select 'updated', coalesce(closed_at, updated_at), * exclude (instant)
    from scoped
    where coalesce(closed_at, updated_at) is not null
),

between_cuts as (
    select
        dated.scope,
        dated.basis,
        cuts.cut,
        dated.application_id,
        dated.state,
        coalesce(dated.currency, 'of application ' || dated.application_id) as money,
        count(*)                                      as session_count,
        sum(dated.gross)                              as revenue,
        sum(dated.items_total)                        as items_revenue,
        count(dated.gross)                            as total_known_count,
        count(dated.items_total)                      as priced_count,
        sum(dated.known_discount)                     as discounts,
        sum(dated.coupon_count)                       as coupon_count,
        sum(dated.items_discount_total)               as items_discounts,
        count(*) filter (dated.knows_discounts)       as discount_known_count,
        sum(dated.unit_count)                         as unit_count,
        sum(dated.line_count)                         as line_count
    from dated
    asof join cuts on dated.instant >= cuts.cut
    group by all
),

ways as (
    select *
    from bounds
    cross join (values ('in'), ('out')) as returned (partially_returned)
),

added as (
    select
        ways.scope,
        ways.start_at,
        ways.end_at,
        ways.partially_returned,
        ways.change,
        ways.number,
        count(distinct found.money)                             as money_count,
        cast(coalesce(sum(found.session_count), 0) as bigint)   as session_count,
        cast(coalesce(sum(found.total_known_count), 0) as bigint)    as total_known_count,
        cast(coalesce(sum(found.priced_count), 0) as bigint)    as priced_count,
        cast(coalesce(sum(found.discount_known_count), 0) as bigint) as discount_known_count,
        coalesce(sum(found.revenue), 0)                         as revenue,
        coalesce(sum(found.items_revenue), 0)                   as items_revenue,
        coalesce(sum(found.discounts), 0)                       as discounts,
        cast(coalesce(sum(found.coupon_count), 0) as bigint)    as coupon_count,
        coalesce(sum(found.items_discounts), 0)                 as items_discounts,
        cast(coalesce(sum(found.unit_count), 0) as bigint)      as unit_count,
        cast(coalesce(sum(found.line_count), 0) as bigint)      as line_count
    from ways
    left join between_cuts as found
        on found.scope = ways.scope
            and found.basis = ways.basis
            and found.cut >= ways.since
            and found.cut < ways.until
            and (found.state <> 'cancelled' or ways.change = 'with-cancelled')
            and (found.state <> 'partially_returned' or ways.partially_returned = 'in')
            and (ways.change <> 'application' or found.application_id = ways.number)
    group by all
)

select
    epoch_us(start_at) as start_microseconds,
    epoch_us(end_at)   as end_microseconds,
    * exclude (
        start_at, end_at, money_count, revenue, items_revenue, discounts, items_discounts
    ),
    if(money_count > 1, null, revenue)       as revenue,
    if(money_count > 1, null, items_revenue) as items_revenue,
    if(money_count > 1, null, discounts)     as discounts,
    if(money_count > 1, null, items_discounts) as items_discounts
from added
order by scope, start_at, end_at, partially_returned, change, abs(number), number
