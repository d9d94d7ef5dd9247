-- Purpose: a step of a batch: what the provider took of the part before is noted, and which messages may leave from now
--          on is written down. A sender has one row of departures, for what it knows nothing of yet. What it no longer
--          leases may not leave: another took it over, and may have sent it. Because it is made for every few messages
--          it touches no message; settle_sent.sql does, for all that was noted.
-- Binds:   leased_by, clock, departing (keys, of which there may be none);
--          part_number, started_at, notification_keys, attempt_numbers, provider_codes, provider_messages, finished_at
--          (arrays, in step: what was accepted, of which there may be none), request_keys, answering_keys
--          (arrays, in step: the requests that these messages answer, and which message answers each).
-- Grain:   one row: the keys of those that may leave.
with noted as (
    insert into restock.acceptance (
        leased_by, part_number, started_at, notification_keys, attempt_numbers, provider_codes, provider_messages,
        finished_at, request_keys, answering_keys
    )
    select
        %(leased_by)s,
        %(part_number)s,
        %(started_at)s,
        %(notification_keys)s::bigint[],
        %(attempt_numbers)s::smallint[],
        %(provider_codes)s::text[],
        %(provider_messages)s::text[],
        %(finished_at)s::timestamptz[],
        %(request_keys)s::bigint[],
        %(answering_keys)s::bigint[]
    where cardinality(%(notification_keys)s::bigint[]) > 0
    -- Said again by a sender whose connection broke before it heard that this was committed.
    on conflict (leased_by, part_number) do nothing
),

leaving as (
    -- Locked, so that who takes leases over (lock_expired.sql) comes either before this or after it has committed.
    select notification_key
    from restock.outbox
    where
        notification_key = any(%(departing)s::bigint[])
        and leased_by = %(leased_by)s
        and lease_until >= %(clock)s
    order by notification_key
    for update
)

insert into restock.departure (leased_by, notification_keys, begun_at)
select
    %(leased_by)s,
    coalesce(array_agg(notification_key), '{}'),
    %(clock)s::timestamptz
from leaving
on conflict (leased_by) do update
    set
        notification_keys = excluded.notification_keys,
        begun_at = excluded.begun_at
returning notification_keys
