-- Purpose:  no two messages have the same id, as no two are opened by the same request in the same episode.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with twice as (
    select notification_id
    from restock.notification
    group by notification_id
    having count(*) > 1
)

select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(notification_id::text), ' (', count(*), ' in all)') as debug_value
from twice
