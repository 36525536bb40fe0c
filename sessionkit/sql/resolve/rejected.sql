-- rejected: rejected records that come after the current one of their session.
-- grain:  one row per rejected record
-- reads:  ranked, rejected
-- note:   the order is that of `ranked`: second, update count, state, finer update; nulls first.

with contenders as (
    select
        r.application_id,
        r.integration_id,
        r.ordered_at as current_at,
        r.state      as current_state,
        x.ordered_at,
        x.state,
        x.source_file,
        x.source_record,
        row(
            coalesce(date_trunc('second', r.ordered_at), '-infinity'::timestamptz),
            coalesce(r.update_count, -1),
            r.step,
            coalesce(r.ordered_at, '-infinity'::timestamptz)
        ) as current_place,
        row(
            coalesce(date_trunc('second', x.ordered_at), '-infinity'::timestamptz),
            coalesce(x.update_count, -1),
            coalesce(x.step, -1),
            coalesce(x.ordered_at, '-infinity'::timestamptz)
        ) as place
    from ranked as r
    join rejected as x
        on x.application_id = r.application_id
        and x.integration_id = r.integration_id
    where r.record_rank = 1
)

select
    'newer-record-rejected' as rule,
    application_id,
    integration_id,
    'updated' as path,
    'nothing newer than ' || concat_ws(
        ', ',
        coalesce(strftime(current_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'), 'undated'),
        current_state
    ) as expected,
    concat_ws(
        ', ',
        coalesce(strftime(ordered_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'), 'undated'),
        state
    ) as seen,
    source_file,
    source_record,
    null::bigint as record
from contenders
where place > current_place
