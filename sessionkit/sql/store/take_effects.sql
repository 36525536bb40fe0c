-- take_effects: the effects that are taken out.
-- grain:  one row per effect
-- reads:  kept.effects, taken_effects

select told.*
from kept.effects as told
semi join taken_effects as taken
    on taken.place = told.rowid
