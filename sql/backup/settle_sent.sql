-- Purpose: messages of the backup that are on the list had left: they are sent, and what stood in them is notified.
-- Binds:   restored_at.
-- Needs:   listed_message.
-- Grain:   one row: how many.
with listed as (
    select distinct
        n.notification_key,
        n.attempt_count
    from listed_message as l
    inner join restock.notification as n on l.message_id = n.notification_id
    where n.status not in ('sent', 'cancelled')
),

sent as (
    update restock.notification
    set
        status = 'sent',
        status_at = %(restored_at)s,
        attempt_count = listed.attempt_count + 1,
        last_error = null
    from listed
    where notification.notification_key = listed.notification_key
),

attempted as (
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_message, started_at, finished_at, sender
    )
    select
        notification_key,
        attempt_count + 1,
        'accepted',
        'left after the backup that was restored, as the list of what left says',
        %(restored_at)s,
        %(restored_at)s,
        'restore'
    from listed
),

left_outbox as (
    delete from restock.outbox
    using listed
    where outbox.notification_key = listed.notification_key
),

answered as (
    select
        d.request_key,
        d.notification_key
    from listed as l
    inner join restock.decision as d on l.notification_key = d.notification_key and d.dropped_at is null
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select
        request_key,
        'notified',
        'sent',
        notification_key,
        %(restored_at)s
    from answered
    order by request_key
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
    using answered as a, restock.request as r
    where
        r.request_key = a.request_key
        and o.store_id = r.store_id
        and o.product_id = r.product_id
        and o.user_id = r.user_id
        and o.channel = r.channel
        and o.request_key = a.request_key
)

select count(*) as sent_count
from listed
