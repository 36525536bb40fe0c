-- matching: the sessions that meet the filters, and whether they are in time and in the population.
-- grain:  one row per session
-- reads:  facts
-- takes:  variables states (null: any), since, until; conditions on dimensions are added below

select
    *,
    getvariable('states') is null or state in getvariable('states') as in_population,
    coalesce(instant >= getvariable('since'), getvariable('since') is null)
        and coalesce(instant < getvariable('until'), getvariable('until') is null) as in_window
from facts
