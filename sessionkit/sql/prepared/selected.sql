-- selected: the sessions that a question is about.
-- grain:  one row per session
-- reads:  matching

select *
from matching
where in_population
    and in_window
