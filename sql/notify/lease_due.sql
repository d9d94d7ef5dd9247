-- Purpose: claim the oldest due messages of a channel. What another task is claiming is passed by, and while the
--          channel's breaker is open only the one who probes it gets any. A restored warehouse gives none: a sender
--          that outlived the lost one comes back to it by itself.
-- Binds:   clock, channel, batch_size, lease_until, leased_by, probing.
-- Grain:   one row a message: its key. The message itself is written only when its attempt has ended.
with due as (
    select notification_key
    from restock.outbox
    where
        channel = %(channel)s
        and due_at <= %(clock)s
        and lease_until is null
        and not exists (
            select 1
            from restock.restore as r
            where r.settled_at is null
        )
        and (
            %(probing)s
            or not exists (
                select 1
                from restock.breaker as b
                where b.channel = %(channel)s
            )
        )
    order by due_at, notification_key
    limit %(batch_size)s
    for update skip locked
)

update restock.outbox
set
    lease_until = %(lease_until)s,
    leased_by = %(leased_by)s
from due
where outbox.notification_key = due.notification_key
returning outbox.notification_key
