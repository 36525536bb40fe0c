-- contenders: rejected records of sessions that are known, and that nobody has mended yet.
-- grain:  one row per reject
-- reads:  kept.rejects
-- note:   `step` is the place of the state in the life of a session.

select
    application_id,
    integration_id,
    ordered_at,
    update_count,
    state,
    cast(
        nullif(list_position(getvariable('states'), state), 0) - 1 as tinyint
    ) as step,
    source_file,
    source_record
from kept.rejects
where replaced_by is null
    and resolved_by is null
    and application_id is not null
    and integration_id is not null
order by reject
