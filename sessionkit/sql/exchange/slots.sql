-- slots: where rows go, by the session that each is of.
-- grain:  one row per row of keys, in their order
-- reads:  keys (application_id, session)
-- takes:  buckets, how many there are

select
    cast(
        md5_number_lower(
            coalesce(cast(application_id as varchar), '') || chr(31) || coalesce(session, '')
        ) % $buckets as bigint
    ) as slot
from keys
