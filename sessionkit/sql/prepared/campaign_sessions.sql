-- campaign_sessions: which campaigns hold which sessions, and what they did there.
-- grain:  one row per session and campaign that did more to it than call, tell, reject or roll back
-- reads:  counted_effects

select
    application_id,
    integration_id,
    campaign_id,
    coalesce(sum(value), 0)                                         as discount_total,
    coalesce(sum(value) filter (is_of_items), 0)                    as items_discount_total,
    coalesce(sum(desired_value - granted_value) filter (not is_undone), 0) as unmet,
    count(*) filter (effect_type = 'acceptCoupon' and not is_undone) as coupon_count
from counted_effects
group by application_id, integration_id, campaign_id
having bool_or(is_applied)
