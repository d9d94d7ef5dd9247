-- Purpose: release one of the gates of rule 2 by hand, or all of them.
-- Binds:   gate (null for all), released_by, stood_at (only what stood by then; null for all).
-- Grain:   one row a gate that was released.
with standing as materialized (
    select gate
    from restock.gate
    where
        scope = 'episodes'
        and released_at is null
        and (%(gate)s::text is null or gate = %(gate)s)
        and (%(stood_at)s::timestamptz is null or since <= %(stood_at)s)
)

select r.gate
from standing as s
cross join lateral restock.release_episodes(s.gate, %(released_by)s) as r (gate)
