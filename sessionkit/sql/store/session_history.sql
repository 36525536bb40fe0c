-- session_history: what became of one session, as far as any dump told it.
-- grain:  one row per event in its life
-- reads:  sessions, snapshots, effects, rejects
-- takes:  variables application_id, integration_id
-- note:   effects of one evaluation are one event. A version stands at its update, exactly where
--         that is told, else to the second.

with versions as (
    select *
    from snapshots
    where application_id = getvariable('application_id')
        and integration_id = getvariable('integration_id')
),

times as (
    select
        unnest(['created', 'closed', 'cancelled'])        as what,
        unnest([created_at, closed_at, cancelled_at])     as moment
    from (
        select created_at, closed_at, cancelled_at from versions
        union all
        select created_at, closed_at, cancelled_at
        from sessions
        where application_id = getvariable('application_id')
            and integration_id = getvariable('integration_id')
    )
),

moments as (
    select distinct
        date_trunc('second', moment) as second,
        what,
        max(moment) over (partition by what, second) as moment
    from times
    where moment is not null
),

evaluations as (
    select
        coalesce(created_at, version_at)                               as moment,
        event_id,
        event_type,
        any_value(state)                                               as state,
        count(*)                                                       as count,
        array_to_string(list(distinct effect_type order by effect_type), ', ') as types,
        min(source_file)                                               as source_file,
        min(source_record)                                             as source_record
    from effects
    where application_id = getvariable('application_id')
        and integration_id = getvariable('integration_id')
    group by all
),

events as (
    select
        coalesce(updated_at, version_at) as moment,
        'version'                        as what,
        state,
        total,
        discount_total,
        update_count,
        null::varchar                    as detail,
        source_file,
        source_record,
        2                                as place
    from versions

    union all by name

    select moment, what, if(what = 'created', 0, 1) as place
    from moments

    union all by name

    select
        moment,
        'effects' as what,
        state,
        concat_ws(': ', event_type, count || if(count = 1, ' effect (', ' effects (') || types || ')')
            as detail,
        source_file,
        source_record,
        3 as place
    from evaluations

    union all by name

    select
        updated_at as moment,
        'rejected' as what,
        array_to_string(list_sort(list_distinct(list_transform(reasons, lambda one: one.code))), ', ')
            as detail,
        source_file,
        source_record,
        4 as place
    from rejects
    where application_id = getvariable('application_id')
        and integration_id = getvariable('integration_id')
)

select
    moment as "at",
    what,
    state,
    total,
    discount_total,
    update_count,
    detail,
    source_file,
    source_record
from events
order by
    moment nulls first,
    place,
    what,
    update_count nulls first,
    state nulls first,
    source_file nulls first,
    source_record,
    detail
