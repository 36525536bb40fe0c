-- components: the connected components of the graph, each called by its least node.
-- grain:  one row per node
-- reads:  links
-- note:   every node points at one of its component, at first at itself. In each round a node, and
--         what it points at, turn to where the things that their neighbours point at point, if that
--         is less; and every node skips one step of its own way. Ways halve with each round, so
--         that the rounds are about as many as the number of nodes has binary digits, however long
--         a chain is. It ends when a round changes nothing.

with recursive pointers (node, target) using key (node) as (
    select distinct
        node,
        node
    from links

    union

    select
        node,
        min(offered)
    from (
        select
            own.node,
            own.target,
            next.target as offered
        from recurring.pointers as own
        inner join recurring.pointers as next on next.node = own.target
        union all
        select
            own.node,
            own.target,
            far.target
        from links
        inner join recurring.pointers as own on own.node = links.node
        inner join recurring.pointers as near on near.node = links.neighbour
        inner join recurring.pointers as far on far.node = near.target
        union all
        select
            goal.node,
            goal.target,
            far.target
        from links
        inner join recurring.pointers as own on own.node = links.node
        inner join recurring.pointers as goal on goal.node = own.target
        inner join recurring.pointers as near on near.node = links.neighbour
        inner join recurring.pointers as far on far.node = near.target
    )
    group by node
    having min(offered) < min(target)
)

select
    node,
    target as root
from pointers
