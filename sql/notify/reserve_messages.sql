-- Purpose: keys for new messages, so that messages and the decisions that name them can be copied in as they are.
-- Binds:   message_count.
-- Grain:   one row a message.
select nextval(pg_get_serial_sequence('restock.notification', 'notification_key')) as notification_key
from generate_series(1, %(message_count)s)
