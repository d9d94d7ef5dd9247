-- Purpose:  each message that has still to leave is in the outbox.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(n.notification_id::text), ' (', count(*), ' in all)') as debug_value
from restock.notification as n
left join restock.outbox as o on n.notification_key = o.notification_key
where n.status in ('scheduled', 'claimed', 'failed') and o.notification_key is null
