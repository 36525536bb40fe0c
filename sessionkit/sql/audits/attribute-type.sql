-- attribute-type: an attribute of another type than settings say it has.
-- grain:  one row per such attribute of a session, or of a line
-- reads:  attributes
-- takes:  variables typed_names, typed_items (whether of lines) and typed_as, lists side by side
-- note:   an attribute that is null, or not there, is of every type.

with typed as (
    select
        unnest(getvariable('typed_names')) as name,
        unnest(getvariable('typed_items')) as of_item,
        unnest(getvariable('typed_as'))    as type
)

select
    application_id,
    integration_id,
    line_path(line) || entry('attributes', attributes.name) as path,
    case type
        when 'string' then 'a text'
        when 'number' then 'a number'
        when 'boolean' then 'true or false'
        when 'time' then 'a time such as 2026-01-31T09:05:27Z'
        when 'list' then 'a list'
        else 'an object'
    end                                                     as expected,
    left(value, 200)                                        as seen,
    null                                                    as amount
from attributes
inner join typed
    on typed.name = attributes.name
        and typed.of_item = (line is not null)
where kind <> 'null'
    and case type
        when 'time' then not (
            kind = 'string'
            and regexp_full_match(
                value ->> '$',
                '\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?'
            )
        )
        else kind <> type
    end
