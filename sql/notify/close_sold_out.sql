-- Purpose: close the episodes of claimed items whose product sold out since the last run looked.
-- Binds:   clock, notification_keys.
with sold_out as (
    select e.episode_id
    from restock.episode as e
    inner join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
    where
        e.episode_id in (
            select d.episode_id
            from restock.decision as d
            where d.notification_key = any(%(notification_keys)s::bigint[]) and d.dropped_at is null
        )
        and e.closed_at is null
        and a.quantity = 0
    -- in order, because other senders close the same ones
    order by e.episode_id
    for no key update of e
)

update restock.episode
set closed_at = greatest(%(clock)s, episode.opened_at)
from sold_out as s
where episode.episode_id = s.episode_id
