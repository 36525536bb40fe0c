-- effect_discounts: the discounts of sessions that only their effects tell.
-- grain:  one row per session
-- reads:  evaluated, counted_effects

select
    evaluated.application_id,
    evaluated.integration_id,
    coalesce(sum(counted_effects.amount), 0) as effect_discount
from evaluated
left join counted_effects using (application_id, integration_id)
where evaluated.tells_discounts
group by evaluated.application_id, evaluated.integration_id
