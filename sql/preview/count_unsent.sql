-- Purpose: what is scheduled already and has still to leave: a changed policy leaves it as it is.
-- Grain:   one row: messages, and requests in them.
select
    count(distinct o.notification_key) as messages,
    count(d.request_key) as requests
from restock.outbox as o
left join restock.decision as d on o.notification_key = d.notification_key and d.dropped_at is null
