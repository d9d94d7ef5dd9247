-- Purpose: is a message due on this channel? Counting them all would read every one.
-- Binds:   channel, clock.
-- Grain:   one row: has_due.
select count(*) > 0 as has_due
from (
    select 1
    from restock.outbox
    where channel = %(channel)s and due_at <= %(clock)s and lease_until is null
    order by due_at
    limit 1
) as due
