-- Purpose: the provider of a channel is down: nothing is sent on it before probe_at. Senders that fail at the same time
--          count as one failure.
-- Binds:   clock, channel, began_at (when the failing sender began), probe_at (array: after the first, second … failure
--          in a row; the last for all further ones), reason.
insert into restock.breaker (channel, trip_count, tripped_at, probe_at, reason)
values (%(channel)s, 1, %(clock)s, (%(probe_at)s::timestamptz[])[1], %(reason)s)
on conflict (channel) do update
    set
        trip_count = breaker.trip_count + 1,
        tripped_at = excluded.tripped_at,
        probe_at = (%(probe_at)s::timestamptz[])[least(breaker.trip_count + 1, cardinality(%(probe_at)s))],
        reason = excluded.reason
    where breaker.tripped_at <= %(began_at)s
