-- bounds: from when to when the data are, in microseconds since 1970.
-- grain:  one row
-- reads:  source
-- takes:  variable as_of

select
    epoch_us(cast(getvariable('as_of') as timestamptz)) as as_of,
    epoch_us(earliest)                                  as earliest
from source
