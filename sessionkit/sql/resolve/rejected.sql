-- rejected: rejected records that are newer than the current one of their session.
-- grain:  one row per reject
-- reads:  ranked, rejects

select
    'newer-record-rejected' as rule,
    r.application_id,
    r.integration_id,
    'updated' as path,
    'nothing newer than ' || coalesce(strftime(r.second at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'), 'undated') as expected,
    strftime(x.updated_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as seen,
    x.source_file,
    x.source_record,
    null::bigint as record
from ranked as r
join rejects as x
    on x.application_id = r.application_id
    and x.integration_id = r.integration_id
where r.record_rank = 1
    and x.updated_at is not null
    and (r.second is null or date_trunc('second', x.updated_at) > r.second)
