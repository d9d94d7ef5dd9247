-- Purpose: the episodes that were open in a stretch of time.
-- Binds:   since, until.
-- Grain:   one row an episode.
select
    e.episode_id,
    e.store_id,
    e.product_id,
    p.category,
    e.opened_at,
    e.closed_at,
    case when e.held_since is null then coalesce(e.released_at, e.opened_at) end as plan_from,
    e.quantity,
    e.quantity as on_hand,
    e.notify_per_unit::float8 as notify_per_unit,
    coalesce(
        (
            select max(d.position)
            from restock.decision as d
            where d.episode_id = e.episode_id and coalesce(d.ranked_at, d.decided_at) < %(since)s
        ),
        0
    ) as last_position
from restock.episode as e
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
where e.opened_at < %(until)s and (e.closed_at is null or e.closed_at > %(since)s)
