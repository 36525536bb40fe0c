-- facts: the sessions at other times, as if they were those compared with them.
-- grain:  one row per session
-- reads:  facts_to_move (facts, and the local time to be at: moved)
-- note:   `instant` moves along: it is what the local clock shows, told as UTC.
-- made from sql/prepared/moved.sql by `python -m tests.tools.translate`: change that one.

SELECT
  *
  EXCEPT (moved, local_time, instant),
  moved AS local_time,
  moved AS instant
FROM facts_to_move
