-- Purpose: the message with an id, for looking at it.
-- Binds:   notification_id.
-- Grain:   one row at most.
select
    notification_key,
    channel
from restock.notification
where notification_id = %(notification_id)s
