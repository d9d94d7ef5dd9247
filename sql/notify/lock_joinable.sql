-- Purpose: hold the messages of a shard's shoppers that no task has claimed, so that items can join them.
-- Binds:   first_bucket, last_bucket, first_day.
-- Grain:   temporary table joinable_message: one row a message.
create temporary table joinable_message on commit drop as
select o.notification_key
from restock.outbox as o
inner join restock.notification as n on o.notification_key = n.notification_key
where
    o.lease_until is null
    and n.status = 'scheduled'
    and n.local_day >= %(first_day)s
    and n.user_id in (
        select r.user_id
        from restock.candidate as k
        inner join restock.request as r on k.request_key = r.request_key
        where k.bucket between %(first_bucket)s and %(last_bucket)s
    )
for update of o skip locked
