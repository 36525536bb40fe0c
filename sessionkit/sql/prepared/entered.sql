-- entered: the values that customers can share, with the sessions that hold them.
-- grain:  one row per session, group, kind and value, of identified customers
-- reads:  units (one row per session and group), identifiers, coupons, sessions
-- takes:  variable kinds (identifier, coupon, referral)

with held as (
    select
        application_id,
        integration_id,
        'identifier' as kind,
        identifier   as value
    from identifiers
    where 'identifier' in getvariable('kinds')
    union all
    select
        application_id,
        integration_id,
        'coupon',
        code
    from coupons
    where 'coupon' in getvariable('kinds')
    union all
    select
        application_id,
        integration_id,
        'referral',
        referral_code
    from sessions
    where 'referral' in getvariable('kinds')
)

select
    is_total,
    row(*columns('^by_')) as grp,
    application_id,
    integration_id,
    profile,
    nameless_profile,
    kind,
    value
from units
inner join held using (application_id, integration_id)
where (profile is not null or nameless_profile is not null)
    and value <> ''
