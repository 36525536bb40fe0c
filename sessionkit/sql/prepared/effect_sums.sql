-- effect_sums: what the effects that count took off sessions, whatever campaign they are of.
-- grain:  one row per session with a discount among them
-- reads:  counted_effects

select
    application_id,
    integration_id,
    sum(amount) as amount
from counted_effects
where amount is not null
group by application_id, integration_id
