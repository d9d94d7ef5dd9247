-- Purpose: write down how a check of the warehouse ended.
-- Binds:   name, severity, is_valid, sentence, clock.
insert into restock.check_result (name, severity, is_valid, sentence, since, checked_at)
values (%(name)s, %(severity)s, %(is_valid)s, %(sentence)s, %(clock)s, %(clock)s)
on conflict (name) do update
    set
        severity = excluded.severity,
        is_valid = excluded.is_valid,
        sentence = excluded.sentence,
        since = case when check_result.is_valid = excluded.is_valid then check_result.since else excluded.since end,
        checked_at = excluded.checked_at
