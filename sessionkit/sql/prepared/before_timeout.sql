-- before_timeout: the moment the timeout before now; null where there is none.
-- grain:  one row
-- takes:  variables as_of, timeout_us

select cast(getvariable('as_of') as timestamptz) - to_microseconds(getvariable('timeout_us')) as moment
