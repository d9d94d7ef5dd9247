-- Purpose: release one of the gates of rule 2 by hand, or all of them.
-- Binds:   gate (null for all), released_by.
-- Grain:   one row a gate that was released.
select gate
from (
    select
        gate,
        restock.release_gate(gate, %(released_by)s) as released_count
    from restock.gate
    where scope = 'episodes' and released_at is null and gate = coalesce(%(gate)s, gate)
) as release
where released_count > 0
