-- Purpose: write down which messages may leave from now on; a sender has one row, for what it has not settled. What it
--          no longer leases may not: another took it over, and may have sent it.
-- Binds:   leased_by, departing (keys), clock.
-- Grain:   one row: the keys of those that may leave.
with leaving as (
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
