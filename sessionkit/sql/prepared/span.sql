-- span: from which day to which the data, and the time asked for, fill whole periods.
-- grain:  one row
-- reads:  source
-- takes:  variables tz, as_of, since, until
-- note:   a day counts as filled when it is filled to its ends; a longer period when the data
--         reach its first and its last day.

with local as (
    select
        timezone(getvariable('tz'), earliest)                                  as earliest,
        timezone(getvariable('tz'), cast(getvariable('as_of') as timestamptz)) as latest,
        timezone(getvariable('tz'), cast(getvariable('since') as timestamptz)) as since,
        timezone(getvariable('tz'), cast(getvariable('until') as timestamptz)) as until
    from source
),

days as (
    select
        cast(earliest as date)                                      as first_day,
        cast(earliest as date)
            + cast(earliest > date_trunc('day', earliest) as integer) as first_whole_day,
        cast(latest as date)                                        as last_day,
        cast(since as date)
            + cast(since > date_trunc('day', since) as integer)     as since_day,
        cast(until as date)                                         as until_day
    from local
)

select
    greatest(first_day, since_day)       as periods_from,
    least(last_day + 1, until_day)       as periods_until,
    greatest(first_whole_day, since_day) as days_from,
    least(last_day, until_day)           as days_until
from days
