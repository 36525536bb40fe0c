-- facts: the sessions in other periods, as if they were those compared with them.
-- grain:  one row per session
-- reads:  facts_to_move (facts, and the local time to be at: moved)
-- note:   `instant` stays, as since and until tell of the periods themselves.

select
    * exclude (moved)
    replace (moved as local_time)
from facts_to_move
