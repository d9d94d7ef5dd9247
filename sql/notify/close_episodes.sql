-- Purpose: close the episodes whose product is sold out in its store.
-- Binds:   clock.
-- Grain:   one row an episode that closed.
update restock.episode
set closed_at = greatest(%(clock)s, opened_at)
from restock.availability as a
where
    episode.closed_at is null
    and episode.store_id = a.store_id
    and episode.product_id = a.product_id
    and a.quantity = 0
returning episode.episode_id
