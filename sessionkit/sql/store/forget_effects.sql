-- forget_effects: takes the effects out that were handed over.
-- reads:  taken_effects

delete from kept.effects as told
using taken_effects as taken
where told.rowid = taken.place
