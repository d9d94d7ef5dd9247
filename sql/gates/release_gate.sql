-- Purpose: release a feed gate by hand, for every feed for which it stands.
-- Binds:   gate, released_by, stood_at (only where it stood by then; null for all).
-- Grain:   one row: for how many feeds.
with released as (
    update restock.gate
    set
        released_at = greatest(now(), checked_at),
        released_by = %(released_by)s
    where
        gate = %(gate)s
        and scope = 'feed'
        and released_at is null
        and (%(stood_at)s::timestamptz is null or since <= %(stood_at)s)
    returning gate
)

select count(*) as released_count
from released
