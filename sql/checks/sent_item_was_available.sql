-- Purpose:  each item of a message that was sent was available still when the message left.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(n.notification_id::text), ' (', count(distinct n.notification_id), ' in all)')
        as debug_value
from restock.delivery_attempt as a
inner join restock.notification as n on a.notification_key = n.notification_key
inner join restock.decision as d on a.notification_key = d.notification_key
inner join restock.episode as e on d.episode_id = e.episode_id
where
    a.outcome = 'accepted'
    and d.dropped_at is null
    and (e.opened_at > a.started_at or e.closed_at < a.started_at)
