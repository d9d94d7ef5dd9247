-- Purpose:  each message in the outbox has still to leave.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(n.notification_id::text), ' (', count(*), ' in all)') as debug_value
from restock.outbox as o
inner join restock.notification as n on o.notification_key = n.notification_key
where n.status in ('sent', 'cancelled', 'dead')
