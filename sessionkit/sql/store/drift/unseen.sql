-- unseen: open sessions that earlier loads held, and the new ones do not.
-- grain:  one row per application, for those created in what the new loads cover, and for those
--         created before it
-- reads:  sessions, kept.last_seen, kept.periods

with covered as (
    select
        application_id,
        min(first_created_at) as first_at,
        max(last_created_at)  as last_at
    from kept.periods
    where load > getvariable('since')
    group by application_id
),

unseen as (
    select
        application_id,
        integration_id,
        created_at,
        created_at >= first_at as is_covered
    from sessions
    join kept.last_seen as seen using (application_id, integration_id)
    join covered using (application_id)
    where state = 'open'
        and seen.load <= getvariable('since')
        and created_at <= last_at
)

select
    if(is_covered, 'missing open sessions', 'open sessions not seen again') as change,
    application_id,
    null::varchar                                                          as dialect,
    array_to_string(
        list_sort(list_distinct([
            strftime(min(created_at) at time zone 'UTC', '%Y-%m-%d'),
            strftime(max(created_at) at time zone 'UTC', '%Y-%m-%d')
        ])),
        ' to '
    )                                                                      as name,
    null::varchar                                                          as before,
    null::varchar                                                          as now,
    count(*)                                                               as count,
    list(integration_id order by created_at desc, integration_id)[:5]     as examples
from unseen
group by is_covered, application_id
