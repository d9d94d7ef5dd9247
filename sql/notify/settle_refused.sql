-- Purpose: the provider refused these messages, or did not answer: try again later, or never.
-- Binds:   clock, notification_keys, errors, retry_at (arrays, in step; retry_at is null where it is never).
with refused as (
    select
        notification_key,
        error,
        retry_at
    from unnest(%(notification_keys)s::bigint[], %(errors)s::text[], %(retry_at)s::timestamptz[]) as a (
        notification_key, error, retry_at
    )
),

again as (
    update restock.outbox
    set
        due_at = r.retry_at,
        lease_until = null
    from refused as r
    where outbox.notification_key = r.notification_key and r.retry_at is not null
),

never as (
    delete from restock.outbox
    using refused as r
    where outbox.notification_key = r.notification_key and r.retry_at is null
)

update restock.notification
set
    status = case when r.retry_at is null then 'dead' else 'failed' end,
    status_at = %(clock)s,
    last_error = r.error
from refused as r
where notification.notification_key = r.notification_key
