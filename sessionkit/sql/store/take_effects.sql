-- take_effects: the effects that are taken out, with what their session is called.
-- grain:  one row per effect
-- reads:  kept.effects, taken_effects

select
    told.* replace (
        taken.application_id as application_id,
        taken.integration_id as integration_id
    )
from kept.effects as told
join taken_effects as taken
    on taken.place = told.rowid
