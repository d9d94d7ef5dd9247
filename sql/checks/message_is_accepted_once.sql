-- Purpose:  no message was accepted twice, as one may be that was in doubt and sent again.
-- Severity: warn
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with accepted_twice as (
    select notification_key
    from restock.delivery_attempt
    where outcome = 'accepted'
    group by notification_key
    having count(*) > 1
)

select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(n.notification_id::text), ' (', count(*), ' in all)') as debug_value
from accepted_twice as a
inner join restock.notification as n on a.notification_key = n.notification_key
