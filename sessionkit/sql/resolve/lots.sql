-- lots: effects as they are kept where some tell their session by an internal id only.
-- grain:  one row per effect and name of its session
-- reads:  worded_effects
-- note:   what an internal id stands for may change with every load, so what is told under each name
--         is kept beside the others: of an event, of every file the rows that are better. A file that
--         tells an event under several names at once is a lot of its own, called after its rows.

create table lots as
with named as (
    select
        *,
        concat_ws(
            chr(31),
            if(tells_application, application_id::varchar, ''),
            if(tells_session, integration_id, ''),
            if(tells_application and tells_session, '', '#' || session_internal_id)
        ) as name
    from worded_effects
    where version_at is null and state is null
),

mixed as (
    select
        lot,
        event,
        content,
        md5(string_agg(name || chr(31) || rest, chr(30) order by name, rest)) as told_in
    from (
        from named
        where record >= 0
        window of_file as (partition by lot, event, content)
        qualify min(name) over of_file <> max(name) over of_file
            and not bool_and(tells_application and tells_session) over of_file
    )
    group by all
),

parted as (
    select
        named.* replace (if(named.record < 0, named.told_in, coalesce(mixed.told_in, '')) as told_in)
    from named
    left join mixed using (lot, event, content)
),

twins as (
    select
        *,
        row_number() over (
            partition by lot, told_in, name, event, content
            order by
                session_internal_id nulls last,
                profile_id nulls last,
                extras nulls last,
                rest,
                record
        ) as twin
    from parted
)

select * exclude (session, event, content, rest, name, twin) replace (if(told_in = '', name, told_in) as lot)
from twins
qualify row_number() over (
    partition by told_in, name, event, content, twin
    order by
        session_internal_id nulls last,
        profile_id nulls last,
        extras nulls last,
        rest,
        record
) = 1

union all by name

select * exclude (session, event, content, rest)
from worded_effects
where version_at is not null or state is not null
