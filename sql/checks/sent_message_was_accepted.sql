-- Purpose:  the provider accepted each message that is sent.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(n.notification_id::text), ' (', count(*), ' in all)') as debug_value
from restock.notification as n
where
    n.status = 'sent'
    and not exists (
        select 1
        from restock.delivery_attempt as a
        where a.notification_key = n.notification_key and a.outcome = 'accepted'
    )
