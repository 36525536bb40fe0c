-- worded_effects: what effects say, as texts that can be compared.
-- grain:  one row per effect, as often as it is told
-- reads:  staged_effects
-- note:   neither `content` nor `rest` holds what a session is called, which may be told later.

create temp view worded_effects as
select
    *,
    coalesce(integration_id, '#' || session_internal_id)              as session,
    coalesce('#' || event_id, concat_ws(' ', created_at, event_type)) as event,
    concat_ws(
        chr(31),
        effect_type,
        coalesce(campaign_id::varchar, ''),
        coalesce(ruleset_id::varchar, ''),
        coalesce(rule_index::varchar, ''),
        props
    )                                                                 as content,
    md5(cast(to_json(row(
        *columns(* exclude (
            application_id, integration_id, place, source_file, source_record, dialect, record,
            tells_application, tells_session, told_in, lot
        ))
    )) as varchar))                                                   as rest
from staged_effects
