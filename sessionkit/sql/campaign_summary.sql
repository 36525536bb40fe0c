-- campaign_summary: what campaigns did to sessions, and what those sessions were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and campaign that holds a
--         session of it; in the group of all groups together one row for all campaigns
-- reads:  units (one row per session and group), campaign_sessions (one row per session and
--         campaign that holds it), effect_sums (one row per session with effects that count),
--         always (groups that have a row even without a session; of these only the group of all
--         groups together has one here)

with held as (
    select
        application_id,
        integration_id,
        campaign_id,
        false as of_all,
        discount_total,
        unmet,
        coupon_count
    from campaign_sessions
    union all
    select
        application_id,
        integration_id,
        null,
        true,
        sum(discount_total),
        sum(unmet),
        sum(coupon_count)
    from campaign_sessions
    group by application_id, integration_id
),

every as (
    select
        units.*,
        held.campaign_id,
        held.discount_total,
        held.unmet,
        held.coupon_count,
        effect_sums.amount                     as explained,
        knows_discounts and not is_told_by_effects as is_told_apart,
        true                                   as is_session
    from units
    inner join held
        on held.application_id = units.application_id
            and held.integration_id = units.integration_id
            and held.of_all = units.is_total
    left join effect_sums
        on effect_sums.application_id = units.application_id
            and effect_sums.integration_id = units.integration_id
    union all by name
    select
        *,
        false as is_session
    from always
    where is_total
),

counted as (
    select
        is_total,
        columns('^by_'),
        campaign_id,
        count(*) filter (is_session)                                as session_count,
        count(distinct profile) + count(distinct nameless_profile)  as customer_count,
        coalesce(sum(gross), 0)                                     as gross_total,
        count(gross)                                                as total_known_count,
        coalesce(sum(discount_total), 0)                            as discount_total,
        cast(coalesce(sum(coupon_count), 0) as bigint)              as coupon_count,
        coalesce(sum(unmet), 0)                                     as unmet,
        sum(known_discount - coalesce(explained, 0)) filter (is_told_apart) as residual,
        count(*) filter (is_told_apart)                             as residual_count
    from every
    group by all
)

select
    is_total,
    row(*columns('^by_')) as grp,
    campaign_id,
    session_count,
    customer_count,
    gross_total,
    total_known_count,
    discount_total,
    coupon_count,
    unmet,
    residual,
    residual_count
from counted
order by is_total, grp, campaign_id nulls last
