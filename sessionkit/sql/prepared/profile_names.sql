-- profile_names: the customer's integration id for sessions that tell only Talon.One's number.
-- grain:  one row per internal id of a profile, for those that need it
-- reads:  sessions

with nameless as (
    select distinct profile_internal_id
    from sessions
    where profile_id is null
        and profile_internal_id is not null
)

select
    profile_internal_id,
    min(profile_id) as known_profile_id
from sessions
where profile_id is not null
    and profile_internal_id in (select profile_internal_id from nameless)
group by profile_internal_id
