-- Purpose: the channels whose provider is down.
-- Grain:   one row a channel.
select
    channel,
    trip_count,
    tripped_at,
    probe_at,
    reason
from restock.breaker
