-- Purpose: give back claimed messages that did not leave. What is no longer leased by this
--          sender, because it slept past its lease, is left alone.
-- Binds:   leased_by, notification_keys, due_at and local_day (arrays, in step; null where they stay).
with given_back as (
    select
        p.notification_key,
        p.due_at,
        p.local_day
    from
        unnest(%(notification_keys)s::bigint[], %(due_at)s::timestamptz[], %(local_day)s::date[])
            as p (
                notification_key, due_at, local_day
            )
    inner join restock.outbox as o on p.notification_key = o.notification_key
    where o.leased_by = %(leased_by)s
),

returned as (
    update restock.outbox
    set
        lease_until = null,
        leased_by = null,
        due_at = coalesce(g.due_at, outbox.due_at)
    from given_back as g
    where outbox.notification_key = g.notification_key
)

update restock.notification
set
    due_at = g.due_at,
    local_day = g.local_day
from given_back as g
where notification.notification_key = g.notification_key and g.due_at is not null
