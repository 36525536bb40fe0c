-- entered_codes: sessions in which coupons were rejected, by the reason.
-- grain:  one row per session, group and reason; in the group of all groups together one row per
--         session with a rejection
-- reads:  ends (one row per session and group), rejected_coupons (one row per session, code and
--         reason)

select
    ends.*,
    reasons.reason         as name,
    cast(null as boolean)  as accepted,
    cast(null as boolean)  as rejected
from ends
inner join (
    select distinct
        application_id,
        integration_id,
        reason
    from rejected_coupons
) as reasons using (application_id, integration_id)
where not is_total
union all
select
    *,
    cast(null as varchar)  as name,
    cast(null as boolean)  as accepted,
    cast(null as boolean)  as rejected
from ends
semi join rejected_coupons using (application_id, integration_id)
where is_total
