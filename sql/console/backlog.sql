-- Purpose: what has still to leave on each channel, the rate it may, and whether its provider is down. What the
--          provider said last may name an address, which is left out.
-- Binds:   clock.
-- Grain:   one row a channel, busy or not.
with waiting as (
    select
        channel,
        count(*) as unsent_count,
        count(*) filter (where due_at <= %(clock)s and lease_until is null) as due_count,
        count(*) filter (where lease_until is not null) as leased_count,
        min(due_at) filter (where due_at <= %(clock)s and lease_until is null) as oldest_due_at,
        min(due_at) filter (where due_at > %(clock)s) as next_due_at
    from restock.outbox
    group by channel
),

in_force as (
    select settings
    from restock.policy
    order by policy_id desc
    limit 1
)

select
    c.name as channel,
    coalesce(w.unsent_count, 0) as unsent_count,
    coalesce(w.due_count, 0) as due_count,
    coalesce(w.leased_count, 0) as leased_count,
    w.oldest_due_at,
    w.next_due_at,
    (p.settings -> 'rate_per_minute' ->> c.name)::integer as rate_per_minute,
    b.trip_count,
    b.tripped_at,
    b.probe_at,
    regexp_replace(
        b.reason, '[^\s<>"'';,()]*(@|://)[^\s<>"'';,()]*|\+[0-9][0-9 ().-]{5,}[0-9]', '…', 'g'
    ) as down_reason
from restock.channel as c
left join waiting as w on c.name = w.channel
left join in_force as p on true
left join restock.breaker as b on c.name = b.channel
order by c.name
