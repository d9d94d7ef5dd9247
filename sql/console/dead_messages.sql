-- Purpose: the messages that were given up, by why. What the provider said may name the address, so its code stands for
--          it.
-- Grain:   one row a channel, outcome of the last attempt and code of the provider, the most first.
with given_up as (
    select
        n.notification_key,
        n.channel,
        n.status_at,
        a.outcome,
        a.provider_code
    from restock.delivery_attempt as a
    inner join restock.notification as n
        on a.notification_key = n.notification_key and a.attempt_number = n.attempt_count
    where a.outcome <> 'accepted' and n.status = 'dead'
)

select
    g.channel,
    g.outcome,
    g.provider_code,
    count(*) as message_count,
    min(g.status_at) as first_at,
    max(g.status_at) as last_at,
    (
        select p.meaning
        from restock.channel as c
        inner join restock.provider_code as p on c.kind = p.kind
        where c.name = g.channel and starts_with(g.provider_code, p.code)
        order by length(p.code) desc
        limit 1
    ) as meaning
from given_up as g
group by g.channel, g.outcome, g.provider_code
order by message_count desc, g.channel asc, g.outcome asc, g.provider_code asc
