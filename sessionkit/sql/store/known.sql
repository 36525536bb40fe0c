-- known: the records that are kept of some sessions, and what was told in their words.
-- grain:  one row per record and saying, or one without a saying
-- reads:  arrived (hashes of the keys of sessions), records_alone.sessions,
--         records_several.sessions, kept.sayings
-- note:   the current version is that of the last record in the order of `resolve/ranked`, of which
--         the second, the count and the state settle it.

with mine as (
    select
        hash(application_id, integration_id) as key,
        application_id,
        integration_id,
        record,
        true as is_current
    from records_alone.sessions
    where hash(application_id, integration_id) in (select key from arrived)

    union all

    select
        hash(application_id, integration_id) as key,
        application_id,
        integration_id,
        record,
        row(date_trunc('second', ordered_at), state) is not distinct from first_value(
            row(date_trunc('second', ordered_at), state)
        ) over (
            partition by application_id, integration_id
            order by
                date_trunc('second', ordered_at) desc nulls last,
                update_count desc nulls last,
                step desc
        ) as is_current
    from records_several.sessions
    where hash(application_id, integration_id) in (select key from arrived)
)

select
    mine.*,
    sayings.said
from mine
left join kept.sayings as sayings using (record)
