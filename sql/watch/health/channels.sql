-- Purpose: what is due on each channel that has something to send or whose provider is down.
-- Binds:   clock.
-- Grain:   one row a channel: channel, due_count, unsent_count, oldest_due_at, down_since.
with waiting as (
    select
        channel,
        count(*) as unsent_count,
        count(*) filter (where due_at <= %(clock)s) as due_count,
        min(due_at) filter (where due_at <= %(clock)s) as oldest_due_at
    from restock.outbox
    group by channel
)

select
    c.name as channel,
    coalesce(w.due_count, 0) as due_count,
    coalesce(w.unsent_count, 0) as unsent_count,
    w.oldest_due_at,
    b.opened_at as down_since
from restock.channel as c
left join waiting as w on c.name = w.channel
left join restock.breaker as b on c.name = b.channel
where w.unsent_count is not null or b.opened_at is not null
order by c.name
