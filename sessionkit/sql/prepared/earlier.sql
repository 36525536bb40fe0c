-- earlier: as_of and the latest instant in the data, where as_of is the earlier one; as text.
-- grain:  one row, or none
-- reads:  latest
-- takes:  variable as_of

select
    cast(cast(getvariable('as_of') as timestamptz) as varchar) as as_of,
    cast(cast(latest as timestamptz) as varchar)               as latest
from latest
where cast(getvariable('as_of') as timestamptz) < latest
