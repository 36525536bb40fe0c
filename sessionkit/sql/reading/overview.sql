-- overview: what became of every record that was met.
-- grain:  one row
-- reads:  loads, rejects

select
    count(*)                                                as file_count,
    count(*) filter (status = 'read')                       as read_count,
    count(*) filter (status = 'copy')                       as copy_count,
    count(*) filter (status = 'skipped')                    as skipped_count,
    count(*) filter (status = 'unreadable')                 as unreadable_count,
    cast(coalesce(sum(records), 0) as bigint)               as records,
    cast(coalesce(sum(sessions), 0) as bigint)              as sessions,
    cast(coalesce(sum(repeats), 0) as bigint)               as repeats,
    cast(coalesce(sum(older), 0) as bigint)                 as older,
    cast(coalesce(sum(effects), 0) as bigint)               as effects,
    cast(coalesce(sum(rejects), 0) as bigint)               as rejects,
    (select count(*) from rejects)                          as open_rejects
from loads
