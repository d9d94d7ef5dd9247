-- Purpose: let the provider of a channel be tried at once instead of at the end of the wait.
-- Binds:   channel, clock.
-- Grain:   one row where its breaker is open.
update restock.breaker
set probe_at = least(probe_at, %(clock)s)
where channel = %(channel)s
returning channel
