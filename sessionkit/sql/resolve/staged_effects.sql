-- staged_effects: the effects of a read, and those that were kept of the same sessions.
-- grain:  one row per effect, as often as it is told
-- reads:  nothing (an empty table of effects, as staged)
-- note:   `tells_application` and `tells_session` say whether the row itself tells these ids, or has
--         them from its internal id. `told_in` is kept with an effect, `lot` is the file it is of:
--         of those kept before, all that have the same `told_in` are as one file.

create table staged_effects as
select
    *,
    true        as tells_application,
    true        as tells_session,
    ''::varchar as told_in,
    ''::varchar as lot
from nothing
