-- forget_overtaken: drops findings about newer rejected records that are not open any more.
-- reads:  kept.rejects

delete from kept.findings as told
where told.rule = 'newer-record-rejected'
    and not exists (
        from kept.rejects as came
        where came.replaced_by is null
            and came.resolved_by is null
            and came.source_file = told.source_file
            and came.source_record = told.source_record
            and came.application_id = told.application_id
            and came.integration_id = told.integration_id
    )
