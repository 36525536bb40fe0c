-- facts: the sessions at other times, as if they were those compared with them.
-- grain:  one row per session
-- reads:  facts_to_move (facts, and the local time to be at: moved)
-- note:   `instant` moves along: it is what the local clock shows, told as UTC.

select
    * exclude (moved)
    replace (
        moved as local_time,
        timezone('UTC', moved) as instant
    )
from facts_to_move
