-- effect_sessions: the sessions of effects.
-- grain:  one row per session that is known by both its ids
-- reads:  staged_effects

select distinct
    application_id,
    integration_id
from staged_effects
where application_id is not null
    and integration_id is not null
