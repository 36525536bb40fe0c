-- named_ids: which session an internal id stands for; null where that is not known, or several.
-- grain:  one row per internal id of which this read tells something
-- reads:  asked_ids, internal_ids

create table named_ids as
select
    internal_id,
    if(count(distinct (application_id, integration_id)) = 1, min(application_id), null)
        as application_id,
    if(count(distinct (application_id, integration_id)) = 1, min(integration_id), null)
        as integration_id
from asked_ids
left join internal_ids using (internal_id)
group by internal_id
