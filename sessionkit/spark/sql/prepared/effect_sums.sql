-- effect_sums: what the effects that count took off sessions, whatever campaign they are of.
-- grain:  one row per session with a discount among them
-- reads:  counted_effects
-- made from sql/prepared/effect_sums.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  SUM(amount) AS amount
FROM counted_effects
WHERE
  NOT amount IS NULL
GROUP BY
  application_id,
  integration_id
