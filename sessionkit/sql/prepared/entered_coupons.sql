-- entered_codes: which coupon codes were entered in which sessions.
-- grain:  one row per session, group and name of a code; in the group of all groups together one
--         row per session that has a code
-- reads:  ends (one row per session and group), coupon_names (one row per session and code),
--         coupon_fates (one row per session and code of which something tells what became of it)
-- note:   accepted and rejected are null where nothing tells what became of the code; of several
--         codes, one that was accepted, or rejected, is enough.

with fated as (
    select
        application_id,
        integration_id,
        name,
        accepted,
        rejected
    from coupon_names
    left join coupon_fates using (application_id, integration_id, code)
)

select
    ends.*,
    names.name,
    names.accepted,
    names.rejected
from ends
inner join (
    select
        application_id,
        integration_id,
        name,
        bool_or(accepted) as accepted,
        bool_or(rejected) as rejected
    from fated
    group by all
) as names using (application_id, integration_id)
where not is_total
union all
select
    ends.*,
    cast(null as varchar) as name,
    names.accepted,
    names.rejected
from ends
inner join (
    select
        application_id,
        integration_id,
        bool_or(accepted) as accepted,
        bool_or(rejected) as rejected
    from fated
    group by all
) as names using (application_id, integration_id)
where is_total
