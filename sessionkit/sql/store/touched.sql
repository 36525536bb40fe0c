-- touched: sessions that are resolved anew.
-- grain:  one row per session

create or replace temp table touched (application_id bigint, integration_id varchar)
