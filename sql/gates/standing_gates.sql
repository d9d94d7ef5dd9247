-- Purpose: the feed gates that do not let pass now, the oldest first.
-- Grain:   one row a gate and feed.
select
    gate,
    feed,
    severity,
    clears,
    debug_value,
    since
from restock.gate
where released_at is null and scope = 'feed'
order by since, gate_id
