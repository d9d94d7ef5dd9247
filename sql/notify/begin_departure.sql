-- Purpose: write down which messages may leave from now on; a sender has one row, for what it has not settled.
-- Binds:   leased_by, departing (keys), clock.
insert into restock.departure (leased_by, notification_keys, begun_at)
values (%(leased_by)s, %(departing)s::bigint[], %(clock)s)
on conflict (leased_by) do update
    set
        notification_keys = excluded.notification_keys,
        begun_at = excluded.begun_at
