-- Purpose: messages have been due for too long, and neither a provider that is down nor the rate explains it.
-- Binds:   clock, watching_since, patience.
-- Grain:   one row a channel: subject, since, detail.
with in_force as (
    select settings
    from restock.policy
    order by policy_id desc
    limit 1
),

oldest as (
    select
        c.name as channel,
        o.due_at
    from restock.channel as c
    cross join
        lateral (
            select w.due_at
            from restock.outbox as w
            where
                w.channel = c.name
                and w.due_at < %(clock)s - %(patience)s
                and (w.lease_until is null or w.lease_until < %(clock)s)
            order by w.due_at
            limit 1
        ) as o
    where
        not exists (
            select 1
            from restock.breaker as b
            where b.channel = c.name
        )
)

select
    o.channel as subject,
    o.due_at as since,
    concat(
        (
            select count(*)
            from restock.outbox as w
            where w.channel = o.channel and w.due_at < %(clock)s
        ),
        ' messages are due on the channel ',
        o.channel,
        ', the oldest since ',
        to_char(o.due_at, 'YYYY-MM-DD HH24:MI'),
        ' UTC'
    ) as detail
from oldest as o
left join in_force as p on true
where
    greatest(o.due_at, %(watching_since)s) < %(clock)s - %(patience)s
    and not coalesce((p.settings ->> 'paused')::boolean, false)
    -- Within its rate a large restock takes its time.
    and not (
        p.settings -> 'rate_per_minute' ->> o.channel is not null
        and exists (
            select 1
            from restock.delivery_attempt as a
            inner join restock.notification as n on a.notification_key = n.notification_key
            where
                a.finished_at > %(clock)s - interval '5 minutes'
                and a.outcome = 'accepted'
                and n.channel = o.channel
        )
    )
