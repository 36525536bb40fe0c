-- add_effect_ids: notes internal ids that are not noted yet.
-- reads:  arrived, kept.effect_ids

insert into kept.effect_ids by name
select *
from arrived
anti join kept.effect_ids using (application_id, integration_id, internal_id)
