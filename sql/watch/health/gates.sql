-- Purpose: the gates that do not let pass, the oldest first.
-- Grain:   one row a gate and feed: gate, feed, severity, since.
select
    gate,
    feed,
    severity,
    since
from restock.gate
where released_at is null
order by since, gate, feed
