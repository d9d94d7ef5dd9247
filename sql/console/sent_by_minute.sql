-- Purpose: how many messages providers accepted in each minute. Where they are very many, every n-th message stands for
--          n: the channel stands in another table.
-- Binds:   since, most (messages that are looked up).
-- Grain:   one row a channel and minute in which one was accepted.
with accepted as materialized (
    select
        notification_key,
        finished_at
    from restock.delivery_attempt
    where finished_at >= %(since)s and outcome = 'accepted'
),

taken as (
    select greatest(1, count(*) / %(most)s) as every
    from accepted
)

select
    n.channel,
    date_trunc('minute', a.finished_at) as minute,
    count(*) * t.every as sent_count
from accepted as a
cross join taken as t
inner join restock.notification as n on a.notification_key = n.notification_key
where mod(a.notification_key, t.every) = 0
group by n.channel, minute, t.every
order by n.channel, minute
