-- effect_sessions: the sessions of effects, by either id.
-- grain:  one row per id of a session
-- reads:  staged_effects

select
    application_id,
    integration_id as session
from staged_effects
where integration_id is not null

union

select
    application_id,
    '#' || session_internal_id as session
from staged_effects
where session_internal_id is not null
