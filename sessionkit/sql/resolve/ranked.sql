-- ranked: every record's place among the records of its session, and what becomes of it.
-- grain:  one row per record
-- reads:  staged_sessions, contents
-- note:   the order of design: second of the update (the CSV export has no finer), update count,
--         state, finer update, digest; the rest only breaks ties between equal contents.

create temp table ranked as
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
        first_value(second) over by_rank as winner_second
    from ordered
    window by_rank as (partition by application_id, integration_id order by record_rank)
)

select
    *,
    case
        when record_rank = 1 then 'session'
        when second is not distinct from winner_second and state = winner_state then 'repeat'
        else 'older'
    end as fate
from against_the_last
