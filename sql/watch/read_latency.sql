-- Purpose: how long it took from the count of the stock that showed a product back to the message that was accepted,
--          for messages accepted in a span of time. Who asked later waited from the request on.
-- Binds:   counted_from, counted_until.
-- Grain:   one row a metric and channel: name, tags, value (seconds).
with accepted as (
    select
        n.channel,
        extract(epoch from a.finished_at - greatest(e.snapshot_at, r.requested_at))::double precision as seconds
    from restock.delivery_attempt as a
    inner join restock.notification as n on a.notification_key = n.notification_key
    inner join restock.decision as d on n.notification_key = d.notification_key
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.request as r on d.request_key = r.request_key
    where
        a.outcome = 'accepted'
        and a.finished_at > %(counted_from)s
        and a.finished_at <= %(counted_until)s
        and d.dropped_at is null
        and e.snapshot_at is not null
),

measured as (
    select
        channel,
        percentile_cont(array[0.5, 0.95]) within group (order by seconds) as quantiles
    from accepted
    group by channel
)

select
    'restock.snapshot_to_accepted_seconds' as name,
    jsonb_build_object('channel', m.channel, 'quantile', q.quantile) as tags,
    q.seconds as value
from measured as m
cross join lateral (
    values
    ('p50', m.quantiles[1]),
    ('p95', m.quantiles[2])
) as q (quantile, seconds)
