-- attribute_values: the attributes that a question names, as text to group by.
-- grain:  one row per session, attribute and distinct value; a list gives several
-- reads:  attributes
-- takes:  variable attribute_names
-- note:   null and "" are both null. Numbers are written without needless zeros, so that 5 and 5.0
--         are one value; they are read as decimals, since a float would lose digits.

with told as (
    select
        application_id,
        integration_id,
        name,
        kind,
        value
    from attributes
    where line is null
        and name in getvariable('attribute_names')
),

single as (
    select
        application_id,
        integration_id,
        name,
        case kind
            when 'string' then value ->> '$'
            when 'number' then coalesce(
                rtrim(rtrim(cast(try_cast(value as decimal(38, 18)) as varchar), '0'), '.'), value
            )
            when 'boolean' then value
        end as value
    from told
    where kind <> 'list'
),

element as (
    select
        application_id,
        integration_id,
        name,
        unnest(from_json(value, '["JSON"]'))           as value,
        unnest(from_json(value, '["DECIMAL(38,18)"]')) as number
    from told
    where kind = 'list'
),

listed as (
    select
        application_id,
        integration_id,
        name,
        case
            when json_type(value) in ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT') then
                coalesce(rtrim(rtrim(cast(number as varchar), '0'), '.'), cast(value as varchar))
            else value ->> '$'
        end as value
    from element
)

select distinct
    application_id,
    integration_id,
    name,
    nullif(value, '') as value
from (
    select * from single
    union all
    select * from listed
)
