-- before_window: the moment the window before now; null where there is none.
-- grain:  one row
-- takes:  variables as_of, window_us

select cast(getvariable('as_of') as timestamptz) - to_microseconds(getvariable('window_us')) as moment
