-- Purpose: claim the oldest due messages of a channel. What another task is claiming is passed by.
-- Binds:   clock, channel, batch_size, lease_until.
-- Grain:   one row a message.
with due as (
    select notification_key
    from restock.outbox
    where channel = %(channel)s and due_at <= %(clock)s and lease_until is null
    order by due_at, notification_key
    limit %(batch_size)s
    for update skip locked
),

leased as (
    update restock.outbox
    set lease_until = %(lease_until)s
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
returning notification.notification_key, notification.timezone
