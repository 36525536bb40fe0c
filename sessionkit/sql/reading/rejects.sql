-- rejects: why records could not be taken in, with the first places of each reason.
-- grain:  one row per reason code, the most frequent first
-- reads:  rejects
-- note:   a record with several faults stands under each of them, so the counts
--         add up to more than the rejects.

with numbered as (
    select *, row_number() over () as reject
    from rejects
),

reasons as (
    select
        reject,
        source_file,
        source_record,
        source_offset,
        application_id,
        integration_id,
        unnest(reasons, recursive := true)
    from numbered
),

placed as (
    select
        *,
        row_number() over (
            partition by code
            order by source_file, source_record, path, expected, found
        ) as place
    from reasons
)

select
    code,
    count(distinct reject)                       as reject_count,
    list(
        struct_pack(
            source_file, source_record, source_offset, application_id, integration_id,
            path, expected, found
        )
        order by place
    ) filter (place <= 3)                        as examples
from placed
group by code
order by reject_count desc, code
