-- add_doubts: puts in what reading doubted, and what is in doubt where several records contend.
-- reads:  arrived, moved_doubts, kept.findings
-- takes:  first, the number of the first record of the load
-- note:   of records that say the same one is kept: a doubt of several of them stands there once, or
--         as often as the one that has it most often.

insert into kept.findings by name
with told as (
    select
        *,
        if(
            rule in ('duplicate-conflict', 'undated-sighting', 'newer-record-rejected'),
            'resolving',
            'reading'
        ) as origin
    from arrived
),

shared as (
    select record from moved_doubts
    union
    select record from told where record < $first and origin = 'reading'
),

sides as (
    select *, 0 as side
    from kept.findings
    semi join shared using (record)
    where origin = 'reading'

    union all by name

    select *, 1 as side
    from moved_doubts

    union all by name

    select *, 2 as side
    from told
    semi join shared using (record)
    where origin = 'reading'
),

counted as (
    select
        *,
        row_number() over (
            partition by side, record, rule, path, expected, seen
            order by source_file, source_record
        ) as time
    from sides
),

first_told as (
    select *
    from counted
    qualify row_number() over (
        partition by record, rule, path, expected, seen, time order by side, source_file, source_record
    ) = 1
)

select * exclude (side, time)
from first_told
where side > 0

union all by name

select told.*
from told
anti join shared
    on shared.record = told.record
        and told.origin = 'reading'
