-- take: notes the records of some sessions.
-- reads:  arrived (the sessions), records_alone.sessions, records_several.sessions

insert into taken
select record
from (
    select record, application_id, integration_id from records_alone.sessions
    union all
    select record, application_id, integration_id from records_several.sessions
)
semi join arrived using (application_id, integration_id)
