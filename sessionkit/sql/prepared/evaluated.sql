-- evaluated: which evaluation of its rules is the last of a session, as far as it is known.
-- grain:  one row per session of which one is known
-- reads:  effect_turns, sessions
-- takes:  variables is_complete (exports tell all effects since complete_since and until
--         complete_until; a bound that is null is none)
-- note:   A V2 response counts if it told the version that the session is in; one that takes back
--         what was bought goes with the response before it. Else an event of an export counts: the
--         last closing, without one the last update or creation; after a reopening only what came
--         after it, if anything did. Within complete exports, a session without any effect has
--         been evaluated too: its turn is 0.

with evaluations as (
    select
        application_id,
        integration_id,
        is_response,
        turn,
        max(event_type)       as event_type,
        max(state)            as state,
        max(second)           as second,
        bool_or(is_rollback)  as takes_back,
        bool_and(is_rollback) as only_takes_back
    from effect_turns
    group by all
),

events as (
    select
        *,
        case
            when event_type = 'talon_session_closed' then 2
            when event_type in ('talon_session_created', 'talon_session_updated') then 1
            when event_type is null and not only_takes_back then 1
        end as rank,
        event_type in ('talon_session_cancelled', 'talon_session_revoked') as ends_it,
        coalesce(
            max(turn) filter (event_type = 'talon_session_reopened') over (
                partition by application_id, integration_id
            ),
            0
        )   as reopened_turn
    from evaluations
    where not is_response
),

exported as (
    select
        application_id,
        integration_id,
        max(row(turn > reopened_turn, rank, turn)) filter (rank is not null) as last,
        max(turn) filter (ends_it)                                           as end_turn,
        max(second) filter (ends_it)                                         as end_second
    from events
    group by application_id, integration_id
),

responses as (
    select
        evaluations.*,
        sessions.state = evaluations.state
            and date_trunc('second', sessions.updated_at) is not distinct from second as is_current,
        evaluations.state in ('open', 'closed') or not takes_back as evaluates
    from evaluations
    inner join sessions using (application_id, integration_id)
    where is_response
),

current_responses as (
    select * from responses
    where is_current
),

responded as (
    select
        now.application_id,
        now.integration_id,
        now.turn             as last_turn,
        now.second,
        max(responses.turn)  as turn
    from current_responses as now
    inner join responses
        on responses.application_id = now.application_id
            and responses.integration_id = now.integration_id
            and responses.turn <= now.turn
            and responses.evaluates
    group by all
),

covered as (
    select
        application_id,
        integration_id
    from sessions
    where getvariable('is_complete')
        and application_id in (select application_id from effect_turns where not is_response)
        and coalesce(
            created_at >= getvariable('complete_since'), getvariable('complete_since') is null
        )
        and coalesce(
            greatest(created_at, updated_at, closed_at, cancelled_at)
            < getvariable('complete_until'),
            getvariable('complete_until') is null
        )
)

select
    sessions.application_id,
    sessions.integration_id,
    responded.turn is not null                        as is_response,
    coalesce(responded.turn, exported.last[3], 0)     as turn,
    responded.last_turn,
    responded.second                                  as response_second,
    sessions.discounts_known is distinct from true
        and (responded.turn is not null or covered.application_id is not null)
                                                      as tells_discounts,
    sessions.state = 'cancelled'
        or coalesce(
            if(
                responded.turn is not null,
                end_second > responded.second,
                end_turn > exported.last[3]
            ),
            false
        )                                             as is_taken_back
from sessions
left join responded using (application_id, integration_id)
left join exported using (application_id, integration_id)
left join covered using (application_id, integration_id)
where responded.turn is not null
    or exported.last is not null
    or (covered.application_id is not null and exported.application_id is null)
