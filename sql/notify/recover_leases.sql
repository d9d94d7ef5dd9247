-- Purpose: messages whose sender did not say how it ended. What had begun to leave is recorded as an attempt in doubt,
--          and then resent or dropped; the rest is given back.
-- Binds:   notification_keys (of lock_expired.sql), clock, in_doubt (resend or drop).
-- Grain:   one row a message in doubt: its id.
-- Note:    older releases changed a message when they claimed it: it is claimed, and this attempt is counted already.
with expired as (
    select
        o.notification_key,
        d.leased_by is not null as is_in_doubt,
        d.begun_at
    from restock.outbox as o
    left join restock.departure as d on o.leased_by = d.leased_by and o.notification_key = any(d.notification_keys)
    where o.notification_key = any(%(notification_keys)s::bigint[])
),

attempted as (
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_message, started_at, finished_at, sender
    )
    select
        n.notification_key,
        n.attempt_count + (n.status <> 'claimed')::int,
        'in_doubt',
        'the sender did not say how the attempt ended',
        e.begun_at,
        %(clock)s,
        'unknown'
    from restock.notification as n
    inner join expired as e on n.notification_key = e.notification_key
    where e.is_in_doubt
    on conflict (notification_key, attempt_number) do nothing
),

released as (
    update restock.outbox
    set
        lease_until = null,
        leased_by = null
    from expired as e
    where outbox.notification_key = e.notification_key and not (e.is_in_doubt and %(in_doubt)s = 'drop')
),

dropped as (
    delete from restock.outbox
    using expired as e
    where outbox.notification_key = e.notification_key and e.is_in_doubt and %(in_doubt)s = 'drop'
),

changed as (
    update restock.notification
    set
        status = case
            when e.is_in_doubt and %(in_doubt)s = 'drop' then 'dead'
            when e.is_in_doubt or notification.attempt_count > 1 then 'failed'
            else 'scheduled'
        end,
        status_at = %(clock)s,
        attempt_count = notification.attempt_count + e.is_in_doubt::int - (notification.status = 'claimed')::int,
        last_error = case
            when e.is_in_doubt then 'the sender did not say how the attempt ended'
            else notification.last_error
        end
    from expired as e
    where
        notification.notification_key = e.notification_key
        and (e.is_in_doubt or notification.status = 'claimed')
    returning
        e.is_in_doubt,
        notification.notification_id
)

select notification_id
from changed
where is_in_doubt
