-- Purpose: close the episodes of claimed items whose product sold out since the last run looked.
-- Binds:   clock, notification_keys.
with claimed_episode as (
    select distinct episode_id
    from restock.decision
    where notification_key = any(%(notification_keys)s) and dropped_at is null
)

update restock.episode
set closed_at = greatest(%(clock)s, episode.opened_at)
from claimed_episode as c, restock.availability as a
where
    episode.episode_id = c.episode_id
    and episode.closed_at is null
    and a.store_id = episode.store_id
    and a.product_id = episode.product_id
    and a.quantity = 0
