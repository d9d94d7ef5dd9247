-- Purpose: the provider refused these messages, or did not answer: try again later, or never. What is no longer leased
--          by this sender, because it slept past its lease, is left alone.
-- Binds:   clock, leased_by, notification_keys, attempt_numbers, errors, retry_at, forgiven (arrays, in step; retry_at
--          is null where it is never, forgiven where the attempt does not count).
with refused as (
    select
        a.notification_key,
        a.attempt_number,
        a.error,
        a.retry_at,
        a.forgiven
    from
        unnest(
            %(notification_keys)s::bigint[],
            %(attempt_numbers)s::smallint[],
            %(errors)s::text[],
            %(retry_at)s::timestamptz[],
            %(forgiven)s::boolean[]
        ) as a (notification_key, attempt_number, error, retry_at, forgiven)
    inner join restock.outbox as o on a.notification_key = o.notification_key
    where o.leased_by = %(leased_by)s
),

again as (
    update restock.outbox
    set
        due_at = r.retry_at,
        lease_until = null,
        leased_by = null
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
    attempt_count = r.attempt_number,
    last_error = r.error,
    forgiven_count = notification.forgiven_count + r.forgiven::int
from refused as r
where notification.notification_key = r.notification_key
