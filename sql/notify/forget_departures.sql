-- Purpose: remove what dead senders left behind, once none of it is leased by them any more.
delete from restock.departure as d
where
    not exists (
        select 1
        from restock.outbox as o
        where o.notification_key = any(d.notification_keys) and o.leased_by = d.leased_by
    )
