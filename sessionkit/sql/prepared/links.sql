-- links: the graph of customers and the values that they share.
-- grain:  one row per customer and linking value, and one the other way round
-- reads:  sharing

select
    customer as node,
    shared   as neighbour
from sharing
where is_linked
union all
select
    shared,
    customer
from sharing
where is_linked
