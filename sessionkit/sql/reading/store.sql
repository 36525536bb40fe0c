-- store: of a store, how many loads it has seen; no row of any other source is asked for.
-- grain:  one row
-- reads:  kept.about

select next_load - 1 as load_count
from kept.about
