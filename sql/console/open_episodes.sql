-- Purpose: the open episodes with the longest queues: stock, and how far the waves have come.
-- Binds:   clock, most (rows).
-- Grain:   one row an episode; open_count is that of all open episodes.
with open_episode as (
    select
        e.episode_id,
        e.store_id,
        e.product_id,
        e.quantity,
        e.opened_at,
        e.last_position,
        e.notify_per_unit,
        e.held_since,
        count(*) over () as open_count
    from restock.episode as e
    where e.closed_at is null
    order by e.last_position desc, e.opened_at desc, e.episode_id desc
    limit %(most)s
)

select
    e.episode_id,
    e.store_id,
    e.product_id,
    coalesce(p.name, e.product_id) as product_name,
    e.quantity,
    coalesce(a.quantity, 0) as stock_left,
    e.opened_at,
    e.held_since is not null as is_held,
    e.last_position as queue_length,
    e.open_count,
    case
        when e.notify_per_unit > 0 then ceil(e.last_position / ceil(e.quantity * e.notify_per_unit))::bigint
        else 1
    end as wave_count,
    d.planned_count,
    d.reached_count,
    d.wave_reached,
    d.next_due_at
from open_episode as e
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
left join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
left join lateral (
    select
        count(*) filter (where x.notification_key is not null and x.dropped_at is null) as planned_count,
        count(*) filter (where x.dropped_at is null and x.scheduled_at <= %(clock)s) as reached_count,
        max(x.wave) filter (where x.dropped_at is null and x.due_at <= %(clock)s) as wave_reached,
        min(x.scheduled_at) filter (where x.dropped_at is null and x.scheduled_at > %(clock)s) as next_due_at
    from restock.decision as x
    where x.episode_id = e.episode_id
) as d on true
order by e.last_position desc, e.opened_at desc, e.episode_id desc
