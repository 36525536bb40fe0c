-- replace_rejects: notes by which reject another one is replaced.
-- reads:  arrived (reject, and by which)

update kept.rejects as came
set replaced_by = arrived.by
from arrived
where came.reject = arrived.reject
