-- Purpose: record how the attempts of a batch ended.
-- Binds:   notification_keys, attempt_numbers, outcomes, provider_codes, provider_messages, finished_at (arrays, in
--          step), started_at, sender.
insert into restock.delivery_attempt (
    notification_key,
    attempt_number,
    outcome,
    provider_code,
    provider_message,
    started_at,
    finished_at,
    sender
)
select
    a.notification_key,
    a.attempt_number,
    a.outcome,
    a.provider_code,
    a.provider_message,
    %(started_at)s,
    a.finished_at,
    %(sender)s
from
    unnest(
        %(notification_keys)s::bigint[],
        %(attempt_numbers)s::smallint[],
        %(outcomes)s::text[],
        %(provider_codes)s::text[],
        %(provider_messages)s::text[],
        %(finished_at)s::timestamptz[]
    ) as a (notification_key, attempt_number, outcome, provider_code, provider_message, finished_at)
-- Another task may have taken the attempt for lost meanwhile; what is known now replaces the doubt.
on conflict (notification_key, attempt_number) do update
    set
        outcome = excluded.outcome,
        provider_code = excluded.provider_code,
        provider_message = excluded.provider_message,
        finished_at = excluded.finished_at,
        sender = excluded.sender
    where delivery_attempt.outcome = 'in_doubt'
