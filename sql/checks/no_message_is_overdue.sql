-- Purpose:  no message has been due for more than an hour.
-- Severity: warn
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('messages such as the one due at ', min(due_at), ' (', count(*), ' in all)') as debug_value
from restock.outbox
where due_at < now() - interval '1 hour'
