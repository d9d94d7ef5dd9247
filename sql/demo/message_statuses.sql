-- Purpose: every message with its status, to hold against the mailbox.
-- Grain:   one row a message.
select
    notification_id::text as notification_id,
    status
from restock.notification
