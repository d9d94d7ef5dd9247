-- Purpose: how many confirmation messages are due on each channel. They know no quiet hours: who asked is waiting now.
-- Binds:   clock.
-- Grain:   one row a channel.
select
    channel,
    count(*) as due_count
from restock.confirmation
where status = 'waiting' and due_at <= %(clock)s and (lease_until is null or lease_until < %(clock)s)
group by channel
order by channel
