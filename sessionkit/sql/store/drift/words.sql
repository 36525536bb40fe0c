-- words: keys, attributes and states that were not there before, and those that are gone.
-- grain:  one row per word
-- reads:  kept.vocabulary, kept.periods
-- takes:  since, the last load that counts as before
-- note:   of an application, or a dialect in it, that is new as a whole, no word is told. A word
--         is gone if records as many as the new ones would lack it by chance less than once in a
--         thousand times, going by how often they had it.

with periods as (
    select *, load > getvariable('since') as is_new
    from kept.periods
),

-- where words stand, and how many records and lines were there
places as (
    select
        application_id,
        dialect,
        coalesce(sum(record_count) filter (where not is_new), 0) as records_before,
        coalesce(sum(record_count) filter (where is_new), 0)     as records_now,
        coalesce(sum(line_count) filter (where not is_new), 0)   as lines_before,
        coalesce(sum(line_count) filter (where is_new), 0)       as lines_now
    from periods
    group by grouping sets (
        (application_id, dialect), (application_id), (dialect), ()
    )
),

words as (
    select
        what,
        application_id,
        dialect,
        name,
        coalesce(sum(count) filter (where load <= getvariable('since')), 0) as count_before,
        coalesce(sum(count) filter (where load > getvariable('since')), 0)  as count_now
    from kept.vocabulary
    where what in ('member', 'attribute', 'state')
    group by all
),

placed as (
    select
        words.*,
        starts_with(name, 'cartItems[].') as of_lines,
        if(of_lines, lines_before, records_before) as all_before,
        if(of_lines, lines_now, records_now)       as all_now
    from words
    join places
        on places.application_id is not distinct from words.application_id
        and places.dialect is not distinct from words.dialect
    where records_before > 0
        and records_now > 0
)

select
    if(count_before = 0, 'new ', 'vanished ') || if(what = 'member', 'key', what) as change,
    application_id,
    dialect,
    name,
    format('in {:,} of {:,}', count_before::bigint, all_before::bigint) as before,
    format('in {:,} of {:,}', count_now::bigint, all_now::bigint)       as now,
    if(count_before = 0, count_now, count_before)::bigint               as count,
    cast([] as varchar[])                                               as examples
from placed
where count_before = 0
    or (
        count_now = 0
        and what <> 'state'
        and all_now * ln(1 - least(count_before, all_before) / (all_before + 1)) < ln(0.001)
    )
