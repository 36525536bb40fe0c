-- seen_open: the sessions that a load holds as open, more than once perhaps.

create or replace temp table seen_open (application_id bigint, integration_id varchar)
