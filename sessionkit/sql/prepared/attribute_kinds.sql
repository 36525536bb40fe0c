-- attribute_kinds: what kinds of values the attributes of sessions have.
-- grain:  one row per attribute and kind; what a list holds counts as "object in a list"
-- reads:  attributes
-- takes:  variable attribute_names, for which lists are looked into

with told as (
    select
        name,
        kind,
        value
    from attributes
    where line is null
),

element as (
    select
        name,
        unnest(from_json(value, '["JSON"]')) as value
    from told
    where kind = 'list'
        and name in getvariable('attribute_names')
)

select distinct
    name,
    kind
from told
union
select distinct
    name,
    'object in a list' as kind
from element
where json_type(value) in ('OBJECT', 'ARRAY')
order by name, kind
