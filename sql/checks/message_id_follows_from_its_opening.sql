-- Purpose:  the id of a message is that of the item which opened it, so that planning again would give the same.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with other as (
    select notification_key
    from restock.notification
    where notification_id <> restock.message_id(opening_episode_id, opening_request_key)
)

select
    count(*) = 0 as is_valid,
    concat('messages such as ', min(notification_key), ' (', count(*), ' in all)') as debug_value
from other
