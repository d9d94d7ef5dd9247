-- Purpose: hold the messages of a shard's shoppers that no task has claimed, so that items can join them.
-- Binds:   first_day.
-- Needs:   shard_shopper (its shoppers).
-- Grain:   temporary table joinable_message: one row a message.
create temporary table joinable_message on commit drop as
select o.notification_key
from shard_shopper as s
inner join restock.notification as n on s.user_id = n.user_id
inner join restock.outbox as o on n.notification_key = o.notification_key
where
    n.local_day >= %(first_day)s
    and n.status = 'scheduled'
    and o.lease_until is null
for update of o skip locked
