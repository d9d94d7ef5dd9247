-- Purpose: when the messages that have still to leave fall due, by channel and wave. A message with products of several
--          waves counts in the first of them; what is overdue counts in the first step. Where they are very many,
--          every n-th message stands for n.
-- Binds:   most (messages looked up), start, step_seconds, steps; store_id, category, product_id (null for all).
-- Grain:   one row a step (from 0; steps is all that is later), channel and wave; every is that n.
with taken as (
    select greatest(1, (count(*) + %(most)s - 1) / %(most)s) as every
    from restock.outbox
),

message as (
    select
        o.notification_key,
        o.channel,
        o.due_at,
        t.every,
        coalesce(min(d.wave), 0) as wave
    from restock.outbox as o
    cross join taken as t
    inner join restock.decision as d on o.notification_key = d.notification_key
    where
        mod(o.notification_key, t.every) = 0
        and d.dropped_at is null
        and (
            num_nonnulls(%(store_id)s::text, %(category)s::text, %(product_id)s::text) = 0
            or d.episode_id in (
                select e.episode_id
                from restock.episode as e
                left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
                where
                    e.closed_at is null
                    and (%(store_id)s::text is null or e.store_id = %(store_id)s)
                    and (%(product_id)s::text is null or e.product_id = %(product_id)s)
                    and (%(category)s::text is null or p.category = %(category)s)
            )
        )
    group by o.notification_key, t.every
)

select
    greatest(0, least(%(steps)s, floor(extract(epoch from due_at - %(start)s)::float / %(step_seconds)s)))::integer
        as step,
    channel,
    wave,
    count(*) * every as message_count,
    every
from message
group by step, channel, wave, every
order by step, channel, wave
