-- Purpose: cancel the claimed messages that the last look left without an item.
-- Binds:   clock, notification_keys.
-- Grain:   one row a message that was cancelled.
with emptied as (
    select unnest(%(notification_keys)s::bigint[]) as notification_key
    except
    -- Asked once for all: a look-up for each message would go through every partition.
    select d.notification_key
    from restock.decision as d
    where d.notification_key = any(%(notification_keys)s::bigint[]) and d.dropped_at is null
),

removed as (
    delete from restock.outbox
    using emptied as e
    where outbox.notification_key = e.notification_key
)

update restock.notification
set
    status = 'cancelled',
    status_at = %(clock)s
from emptied as e
where notification.notification_key = e.notification_key
returning notification.notification_key
