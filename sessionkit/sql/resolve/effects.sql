-- effects: every effect once, however many dumps tell it.
-- grain:  one row per effect, and where `is_shown` is false, per row that only tells one again
-- reads:  worded_effects
-- note:   of an event, a file (`lot`) tells every effect; equal rows in one file are several
--         effects. Of a version of a session, the response with the most effects counts. Of effects
--         with the same content, one that tells its session and customer is taken; the rest only
--         breaks ties, so that no order of the input matters.

with of_events as (
    select
        *,
        row_number() over (
            partition by lot, application_id, session, event, content
            order by session_internal_id nulls last,
                profile_id nulls last,
                extras nulls last,
                rest,
                record
        ) as twin
    from worded_effects as told
    where version_at is null and state is null
),

events as (
    select
        * exclude (place),
        row_number() over (
            partition by application_id, session, event, content, twin
            order by session_internal_id nulls last,
                profile_id nulls last,
                extras nulls last,
                rest,
                record
        ) = 1 as is_shown
    from of_events
),

numbered as (
    select
        *,
        row_number() over (
            partition by application_id, session, event, is_shown order by content, twin
        ) - 1 as place
    from events
),

responses as (
    select
        application_id,
        session,
        version_at,
        state,
        record,
        count(*)            as told_count,
        any_value(created_at) as created_at,
        any_value(session_internal_id) as session_internal_id,
        any_value(profile_id) as profile_id,
        count(*) over (
            partition by application_id, session, version_at, state
        ) > 1               as has_rivals
    from worded_effects as told
    where state is not null or version_at is not null
    group by application_id, session, version_at, state, record
),

wordings as (
    select
        application_id,
        session,
        version_at,
        state,
        record,
        string_agg(content, chr(30) order by place) as contents,
        string_agg(rest, '' order by place)         as rests
    from worded_effects as told
    semi join (from responses where has_rivals) as rivals
        on rivals.application_id = told.application_id
            and rivals.session = told.session
            and rivals.version_at is not distinct from told.version_at
            and rivals.state is not distinct from told.state
            and rivals.record = told.record
    group by all
),

chosen as (
    select responses.*
    from responses
    left join wordings
        on wordings.application_id = responses.application_id
            and wordings.session = responses.session
            and wordings.version_at is not distinct from responses.version_at
            and wordings.state is not distinct from responses.state
            and wordings.record = responses.record
    qualify row_number() over (
        partition by
            responses.application_id, responses.session, responses.version_at, responses.state
        order by
            told_count desc,
            created_at desc,
            contents desc,
            session_internal_id nulls last,
            profile_id nulls last,
            rests,
            responses.record
    ) = 1
),

versions as (
    select *, true as is_shown
    from worded_effects as told
    semi join chosen
        on chosen.application_id = told.application_id
            and chosen.session = told.session
            and chosen.version_at is not distinct from told.version_at
            and chosen.state is not distinct from told.state
            and chosen.record = told.record
    where told.state is not null or told.version_at is not null
)

select * exclude (session, event, content, twin, rest, record, lot)
from (
    select * from numbered
    union all by name
    select * from versions
)
order by
    application_id nulls first,
    session,
    event_id nulls first,
    version_at nulls first,
    state nulls first,
    place
