-- Purpose:  each notified request names the sent message that it stands in.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('requests such as ', min(r.request_id), ' (', count(*), ' in all)') as debug_value
from restock.request_outcome as o
inner join restock.request as r on o.request_key = r.request_key
left join restock.notification as n on o.notification_key = n.notification_key and n.status = 'sent'
left join restock.decision as d
    on o.request_key = d.request_key and n.notification_key = d.notification_key and d.dropped_at is null
where o.status = 'notified' and d.request_key is null
