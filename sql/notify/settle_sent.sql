-- Purpose: the provider has these messages: they are sent, and what they answer is notified.
-- Binds:   notification_keys, sent_at (arrays, in step).
with accepted as (
    select
        notification_key,
        sent_at
    from unnest(%(notification_keys)s::bigint[], %(sent_at)s::timestamptz[]) as a (notification_key, sent_at)
),

sent as (
    update restock.notification
    set
        status = 'sent',
        status_at = a.sent_at,
        last_error = null
    from accepted as a
    where notification.notification_key = a.notification_key
    returning notification.notification_key
),

left_outbox as (
    delete from restock.outbox
    using accepted as a
    where outbox.notification_key = a.notification_key
),

answered as (
    select
        d.request_key,
        r.store_id,
        r.product_id,
        r.user_id,
        r.channel,
        a.notification_key,
        a.sent_at
    from accepted as a
    inner join restock.decision as d on a.notification_key = d.notification_key and d.dropped_at is null
    inner join restock.request as r on d.request_key = r.request_key
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select
        request_key,
        'notified',
        'sent',
        notification_key,
        sent_at
    from answered
    order by request_key
    -- A request that was withdrawn while its message was on the wire stays withdrawn; one that expired was told.
    on conflict (request_key) do update
        set
            status = excluded.status,
            reason = excluded.reason,
            notification_key = excluded.notification_key,
            closed_at = excluded.closed_at
        where request_outcome.status = 'expired'
),

no_longer_open as (
    delete from restock.open_request as o
    using answered as a
    where
        o.store_id = a.store_id
        and o.product_id = a.product_id
        and o.user_id = a.user_id
        and o.channel = a.channel
        and o.request_key = a.request_key
)

select count(*) as sent_count
from sent
