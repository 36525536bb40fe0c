-- add_seen: notes that this load held sessions as open.
-- reads:  seen_open
-- takes:  load

insert into kept.last_seen by name
select distinct
    application_id,
    integration_id,
    $load as load
from seen_open
