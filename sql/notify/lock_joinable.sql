-- Purpose: hold the messages of a shard's shoppers that no task has claimed, so that items can join them.
-- Needs:   shopper_message (find_shopper_messages.sql).
-- Grain:   temporary table joinable_message: one row a message.
create temporary table joinable_message on commit drop as
select o.notification_key
from shopper_message as m
inner join restock.notification as n on m.notification_key = n.notification_key
inner join restock.outbox as o on n.notification_key = o.notification_key
where
    n.status = 'scheduled'
    and o.lease_until is null
    -- What holds nothing yet is not looked into: see find_shopper_messages.sql.
    and n.notification_key <= (
        select max(l.notification_key)
        from shopper_message as l
    )
    and exists (
        select 1
        from restock.outbox
    )
for update of o skip locked
