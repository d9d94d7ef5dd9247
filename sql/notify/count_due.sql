-- Purpose: how many messages are due on each channel, and how many seconds the oldest has been due.
-- Binds:   clock.
-- Grain:   one row a channel.
select
    channel,
    count(*) as due_count,
    extract(epoch from %(clock)s - min(due_at))::bigint as oldest_due_seconds
from restock.outbox
where due_at <= %(clock)s and lease_until is null
group by channel
order by channel
