-- Purpose: how many messages are due on each channel.
-- Binds:   clock.
-- Grain:   one row a channel.
select
    channel,
    count(*) as due_count
from restock.outbox
where due_at <= %(clock)s and lease_until is null
group by channel
order by channel
