-- components: the connected components of the graph, each called by its least node.
-- grain:  one row per node
-- reads:  links
-- note:   every node points at one of its component, at first at itself. In each round a node, and
--         what it points at, turn to where the things that their neighbours point at point, if that
--         is less; and every node skips one step of its own way. Ways halve with each round, so
--         that the rounds are about as many as the number of nodes has binary digits, however long
--         a chain is. It ends when a round changes nothing.
-- made from sql/prepared/components.sql by `python -m tests.tools.translate`: change that one.
-- key:    node

SELECT DISTINCT
  node AS node,
  node AS target
FROM links;

SELECT
  node AS node,
  MIN(offered) AS target
FROM (
  SELECT
    own.node,
    own.target,
    next.target AS offered
  FROM recurring_pointers AS own
  INNER JOIN recurring_pointers AS next
    ON next.node = own.target
  UNION ALL
  SELECT
    own.node,
    own.target,
    far.target
  FROM links
  INNER JOIN recurring_pointers AS own
    ON own.node = links.node
  INNER JOIN recurring_pointers AS near
    ON near.node = links.neighbour
  INNER JOIN recurring_pointers AS far
    ON far.node = near.target
  UNION ALL
  SELECT
    goal.node,
    goal.target,
    far.target
  FROM links
  INNER JOIN recurring_pointers AS own
    ON own.node = links.node
  INNER JOIN recurring_pointers AS goal
    ON goal.node = own.target
  INNER JOIN recurring_pointers AS near
    ON near.node = links.neighbour
  INNER JOIN recurring_pointers AS far
    ON far.node = near.target
)
GROUP BY
  node
HAVING
  MIN(offered) < MIN(target);

SELECT
  node,
  target AS root
FROM pointers
