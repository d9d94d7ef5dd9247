-- Purpose: let go the episodes whose gate somebody released, and put their products into the plan queue. They open
--          anew: counted from the first opening, the waves that passed while a gate held them would leave all at once.
-- Binds:   clock.
-- Grain:   one row an episode that was released.
with released as (
    update restock.episode
    set
        opened_at = greatest(%(clock)s, episode.opened_at),
        held_since = null,
        held_reason = null,
        released_at = greatest(g.released_at, episode.held_since),
        released_by = g.released_by,
        released_hold_since = episode.held_since,
        released_hold_reason = episode.held_reason
    from restock.gate as g
    where
        episode.gate_id = g.gate_id
        and g.released_at is not null
        and episode.held_since is not null
        and episode.closed_at is null
    returning episode.episode_id, episode.store_id, episode.product_id
),

queued as (
    insert into restock.plan_queue (store_id, product_id, plan_after)
    select
        store_id,
        product_id,
        %(clock)s
    from released
    order by store_id, product_id
    on conflict (store_id, product_id) do update
        set plan_after = least(plan_queue.plan_after, excluded.plan_after)
)

select episode_id
from released
