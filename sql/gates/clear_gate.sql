-- Purpose: release a gate whose check passes again.
-- Binds:   gate, feed, clock.
update restock.gate
set
    released_at = greatest(%(clock)s, checked_at),
    released_by = 'check'
where gate = %(gate)s and feed = %(feed)s and released_at is null and clears = 'by itself'
