-- Purpose: messages whose sender did not say how it ended: record the attempt as in doubt, and then resend or drop.
-- Binds:   clock, in_doubt (resend or drop).
-- Grain:   one row a message in doubt.
with doubtful as (
    select notification_key
    from restock.outbox
    where lease_until < %(clock)s
    for update skip locked
),

attempted as (
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_message, started_at, finished_at, sender
    )
    select
        n.notification_key,
        n.attempt_count,
        'in_doubt',
        'the sender did not say how the attempt ended',
        n.status_at,
        %(clock)s,
        'unknown'
    from restock.notification as n
    inner join doubtful as d on n.notification_key = d.notification_key
    on conflict (notification_key, attempt_number) do nothing
),

released as (
    update restock.outbox
    set
        lease_until = null,
        leased_by = null
    from doubtful as d
    where outbox.notification_key = d.notification_key and %(in_doubt)s = 'resend'
),

dropped as (
    delete from restock.outbox
    using doubtful as d
    where outbox.notification_key = d.notification_key and %(in_doubt)s = 'drop'
)

update restock.notification
set
    status = case when %(in_doubt)s = 'resend' then 'failed' else 'dead' end,
    status_at = %(clock)s,
    last_error = 'the sender did not say how the attempt ended'
from doubtful as d
where notification.notification_key = d.notification_key
returning notification.notification_key
