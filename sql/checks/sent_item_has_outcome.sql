-- Purpose:  each request in a sent message is notified, or was withdrawn while the message was on the wire.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('requests such as ', min(r.request_id), ' (', count(*), ' in all)') as debug_value
from restock.notification as n
inner join restock.decision as d on n.notification_key = d.notification_key and d.dropped_at is null
inner join restock.request as r on d.request_key = r.request_key
left join restock.request_outcome as o on d.request_key = o.request_key
where n.status = 'sent' and (o.request_key is null or o.status = 'expired')
