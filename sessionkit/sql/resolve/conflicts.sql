-- conflicts: what a repeat knows otherwise than the record that was taken.
-- grain:  one row per repeat and place where they differ
-- reads:  rivals (repeat, taken record, member), cells (record, member, path, value, must)
-- note:   a place that only one of the two fills counts where both tell the whole: a member of
--         the session, a label, a line.

with sides as (
    select v.*, c.path, c.must, false as is_taken, c.value
    from rivals as v
    join cells as c on c.member = v.member and c.record = v.record
    union all
    select v.*, c.path, c.must, true as is_taken, c.value
    from rivals as v
    join cells as c on c.member = v.member and c.record = v.taken
),

paired as (
    select
        application_id,
        integration_id,
        record,
        source_file,
        source_record,
        path,
        bool_or(must) as must,
        max(value) filter (where is_taken) as expected,
        max(value) filter (where not is_taken) as seen
    from sides
    group by all
)

select
    'duplicate-conflict' as rule,
    application_id,
    integration_id,
    path,
    expected,
    seen,
    source_file,
    source_record,
    record
from paired
where (expected is not null and seen is not null and expected <> seen)
    or (must and (expected is null) <> (seen is null))
