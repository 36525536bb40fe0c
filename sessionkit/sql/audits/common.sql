-- What the audits have in common: how amounts, instants and paths are written, and what a total
-- should be.

-- An amount as plain text: no exponent, no trailing zeros.
create temp macro plain(amount) as
    rtrim(rtrim(cast(cast(amount as decimal(38, 18)) as varchar), '0'), '.');

-- An instant as RFC 3339 in UTC, with as many decimals as it has.
create temp macro moment(instant) as
    rtrim(rtrim(strftime(instant at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f'), '0'), '.') || 'Z';

create temp macro escaped(key) as
    replace(replace(replace(replace(key, '\', '\\'), chr(10), '\n'), chr(13), '\r'), chr(9), '\t');

-- The path of an entry of a map: plain names after a dot, others quoted in brackets.
create temp macro entry(path, key) as path || case
    when regexp_full_match(key, '[A-Za-z_][\p{L}\p{N}_]*') then '.' || key
    when contains(key, '''') and not contains(key, '"') then '["' || escaped(key) || '"]'
    else '[''' || replace(escaped(key), '''', '\''') || ''']'
end;

-- The path of a line of the cart, or the session itself (an empty text) where there is no line.
create temp macro line_path(line) as
    case when line is null then '' else 'cartItems[' || line || '].' end;

create temp macro second(instant) as date_trunc('second', instant);

-- expected_totals: what the total of a session should be, in both of its forms.
-- grain: one row per session
-- reads: sessions, additional_costs
-- note:  null where a price is missing, or a sum is past 38 digits. API V2 has counted the costs of
--        items since 2026-05, so both forms are right.
create temp view expected_totals as
with costs as (
    select
        application_id,
        integration_id,
        coalesce(list(price) filter (where line is null), [])     as of_session,
        coalesce(list(price) filter (where line is not null), []) as of_items
    from additional_costs
    group by application_id, integration_id
),

listed as (
    select
        sessions.application_id,
        sessions.integration_id,
        sessions.items_total,
        try(coalesce(list_sum(costs.of_session), 0)) as session_costs,
        try(coalesce(list_sum(costs.of_items), 0))   as item_costs,
        coalesce(len(costs.of_session), 0)           as session_cost_count
    from sessions
    left join costs using (application_id, integration_id)
)

select
    application_id,
    integration_id,
    session_cost_count,
    try(items_total + session_costs)              as without_item_costs,
    try(items_total + session_costs + item_costs) as with_item_costs
from listed;
