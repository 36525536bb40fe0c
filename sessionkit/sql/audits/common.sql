-- What the audits have in common: how amounts, instants and paths are written, and compared.

-- An amount as plain text: no exponent, no trailing zeros.
create or replace temp macro plain(amount) as
    regexp_replace(cast(cast(amount as decimal(38, 18)) as varchar), '\.?0+$', '');

-- An instant as RFC 3339 in UTC, with as many decimals as it has.
create or replace temp macro moment(instant) as
    rtrim(rtrim(strftime(instant at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f'), '0'), '.') || 'Z';

-- Whether an instant lies in an earlier second than another: the CSV export cuts its times, and a
-- session may have one time from there and the other, with microseconds, from elsewhere.
create or replace temp macro is_before(instant, other) as
    instant < other and date_trunc('second', instant) < date_trunc('second', other);

create or replace temp macro escaped(key) as
    replace(replace(replace(replace(key, '\', '\\'), chr(10), '\n'), chr(13), '\r'), chr(9), '\t');

-- The path of an entry of a map: plain names after a dot, others quoted in brackets.
create or replace temp macro entry(path, key) as path || case
    when regexp_full_match(key, '[A-Za-z_][\p{L}\p{N}_]*') then '.' || key
    when contains(key, '''') and not contains(key, '"') then '["' || escaped(key) || '"]'
    else '[''' || replace(escaped(key), '''', '\''') || ''']'
end;

-- The path of a line of the cart, or the session itself (an empty text) where there is no line.
create or replace temp macro line_path(line) as
    case when line is null then '' else 'cartItems[' || line || '].' end;
