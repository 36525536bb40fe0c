-- ends: sessions in their groups, with how they ended or did not.
-- grain:  one row per session and group
-- reads:  units
-- takes:  variable idle_before (open sessions untouched since then are idle; null: none is)
-- made from sql/prepared/ends.sql by `python -m tests.tools.translate`: change that one.

SELECT
  *,
  CASE
    WHEN standing = 'closed'
    THEN 'kept_whole'
    WHEN standing = 'partially_returned'
    THEN 'partially_returned'
    WHEN revoked
    THEN 'revoked'
    WHEN standing = 'cancelled' AND tells_closing
    THEN 'cancelled_open'
    WHEN standing = 'cancelled'
    THEN 'cancelled_unknown'
    WHEN COALESCE(updated_at, created_at) <= CAST(:idle_before AS TIMESTAMP)
    THEN 'idle'
    ELSE 'in_progress'
  END AS outcome
FROM units
