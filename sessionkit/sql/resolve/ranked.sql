-- ranked: every record's place among the records of its session, and what becomes of it.
-- grain:  one row per record
-- reads:  staged_sessions, contents
-- takes:  first, the number of the first record of this read; those below were there before
-- note:   the order of design: second of the update (the CSV export has no finer), update count,
--         state, finer update, digest; the rest only breaks ties between equal contents.
--         `is_distinct` is true of one record of those that say the same in the same manner.

create or replace temp table ranked as
with ordered as (
    select
        record,
        application_id,
        integration_id,
        state,
        date_trunc('second', ordered_at) as second,
        ordered_at,
        update_count,
        step,
        digest,
        told,
        api,
        source_file,
        source_record,
        record >= getvariable('first') as is_new,
        row_number() over (
            partition by application_id, integration_id
            order by
                date_trunc('second', ordered_at) desc nulls last,
                update_count desc nulls last,
                step desc,
                ordered_at desc nulls last,
                digest desc,
                wording desc,
                dialect desc,
                record
        ) as record_rank
    from staged_sessions
    left join contents using (record)
),

against_the_last as (
    select
        *,
        first_value(state) over by_rank as winner_state,
        first_value(second) over by_rank as winner_second,
        first_value(digest) over by_rank as winner_digest,
        first_value(record) over alike as survivor,
        row_number() over alike = 1    as is_distinct
    from ordered
    window
        by_rank as (partition by application_id, integration_id order by record_rank),
        alike as (
            partition by
                application_id, integration_id, ordered_at, update_count, state, digest, told, api
            order by record_rank
        )
),

against_the_kept as (
    select
        *,
        bool_or(not is_new) over same_session as was_there,
        bool_or(
            not is_new
            and second is not distinct from winner_second
            and state = winner_state
            and digest is not distinct from winner_digest
        ) over same_session as is_as_before
    from against_the_last
    window same_session as (partition by application_id, integration_id)
)

select
    *,
    case
        when record_rank = 1 then 'session'
        when second is not distinct from winner_second and state = winner_state then 'repeat'
        else 'older'
    end as fate
from against_the_kept
