-- Purpose: the open episodes with the most requests still to reach, of those with the longest queues and the newest:
--          stock, and how far the waves have come.
-- Binds:   clock, looked_at (episodes of either kind), most (rows).
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
        count(*) over () as open_count,
        row_number() over (order by e.last_position desc, e.episode_id desc) as by_queue,
        row_number() over (order by e.opened_at desc, e.episode_id desc) as by_age
    from restock.episode as e
    where e.closed_at is null
),

progress as (
    select
        e.episode_id,
        count(d.request_key) filter (where d.dropped_at is null and d.scheduled_at <= %(clock)s) as reached_count,
        max(d.wave) filter (where d.dropped_at is null and d.due_at <= %(clock)s) as wave_reached,
        min(d.scheduled_at) filter (where d.dropped_at is null and d.scheduled_at > %(clock)s) as next_due_at
    from open_episode as e
    left join restock.decision as d on e.episode_id = d.episode_id
    where e.by_queue <= %(looked_at)s or e.by_age <= %(looked_at)s
    group by e.episode_id
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
    g.reached_count,
    g.wave_reached,
    g.next_due_at
from open_episode as e
inner join progress as g on e.episode_id = g.episode_id
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
left join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
order by e.last_position - g.reached_count desc, e.opened_at desc, e.episode_id desc
limit %(most)s
