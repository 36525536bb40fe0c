-- facts: the sessions in other periods, as if they were those compared with them.
-- grain:  one row per session
-- reads:  facts_to_move (facts, and the local time to be at: moved)
-- note:   `instant` stays, as since and until tell of the periods themselves.
-- made from sql/prepared/laid_over.sql by `python -m tests.tools.translate`: change that one.

SELECT
  *
  EXCEPT (moved, local_time),
  moved AS local_time
FROM facts_to_move
