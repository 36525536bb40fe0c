-- resolve_rejects: notes which load and file brought rejected records mended.
-- reads:  arrived (reject, and in which file)
-- takes:  load

update kept.rejects as came
set resolved_by = $load,
    resolved_in = arrived.file
from arrived
where came.reject = arrived.reject
