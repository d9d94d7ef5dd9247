-- Purpose: claim the oldest due messages of a channel. What another task is claiming is passed by, and while the
--          channel's breaker is open only the one who probes it gets any. A restored warehouse gives none: a sender
--          that outlived the lost one comes back to it by itself.
-- Binds:   clock, channel, batch_size, lease_until, leased_by, probing.
-- Grain:   one row a message: its attempt, and how many attempts so far do not count.
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
),

leased as (
    update restock.outbox
    set
        lease_until = %(lease_until)s,
        leased_by = %(leased_by)s
    from due
    where outbox.notification_key = due.notification_key
)

update restock.notification
set
    status = 'claimed',
    status_at = %(clock)s,
    attempt_count = attempt_count + 1
from due
where notification.notification_key = due.notification_key
returning
    notification.notification_key,
    notification.timezone,
    notification.attempt_count,
    notification.forgiven_count
