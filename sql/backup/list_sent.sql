-- Purpose: what left since a moment: the list that settles a restore exactly, kept beside the backups. It begins
--          an hour before: senders write down their own clock's time, and commit after it. What the backup knows as
--          well does no harm.
-- Binds:   since.
-- Grain:   one row a request that a message answered.
select
    n.notification_id as message_id,
    r.request_id
from restock.notification as n
inner join restock.decision as d on n.notification_key = d.notification_key and d.dropped_at is null
inner join restock.request as r on d.request_key = r.request_key
where n.status = 'sent' and n.status_at >= %(since)s - interval '1 hour'
order by n.status_at, n.notification_key, r.request_id
