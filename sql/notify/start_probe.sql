-- Purpose: may this sender use the provider of a channel? Where the breaker is open one at a time may try, from
--          probe_at on.
-- Binds:   clock, channel, hold_until (until when the others wait for the one who tries).
-- Grain:   one row: is_open, may_probe.
with probe as (
    update restock.breaker
    set probe_at = %(hold_until)s
    where channel = %(channel)s and probe_at <= %(clock)s
    returning channel
)

select
    exists(
        select 1
        from restock.breaker
        where channel = %(channel)s
    ) as is_open,
    exists(
        select 1
        from probe
    ) as may_probe
