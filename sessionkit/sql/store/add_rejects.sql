-- add_rejects: numbers rejects and puts them in.
-- reads:  arrived (the rejects), kept.about
-- takes:  load, the number of this load

insert into kept.rejects by name
select
    (select next_reject from kept.about) + row_number() over () - 1 as reject,
    $load as load,
    *
from arrived
