-- effect_turns: the effects, with their place among the evaluations of their session.
-- grain:  one row per effect
-- reads:  effects
-- takes:  variables life_cycle (the states in their order), event_types (the same of events)
-- note:   turn numbers the events of exports, and apart from them the V2 responses, of a session
--         from 1, the oldest first. What belongs to one event has its id; without one, its time.

with told as (
    select
        *,
        state is not null or version_at is not null   as is_response,
        if(is_response, version_at, created_at)       as instant
    from effects
)

select
    application_id,
    integration_id,
    is_response,
    dense_rank() over (
        partition by application_id, integration_id, is_response
        order by
            if(is_response, null, event_id) nulls first,
            if(event_id is null or is_response, instant, null) nulls first,
            list_position(getvariable('life_cycle'), state) nulls first,
            if(event_id is null, list_position(getvariable('event_types'), event_type), null)
                nulls first,
            if(event_id is null, event_type, null) nulls first
    )                                                 as turn,
    place,
    state,
    event_type,
    date_trunc('second', instant)                     as second,
    effect_type,
    starts_with(lower(effect_type), 'rollback')       as is_rollback,
    campaign_id,
    label,
    value,
    desired_value,
    position,
    sub_position,
    scope,
    coupon_code,
    referral_code,
    rejection_reason
from told
