-- Purpose: let the leases of dead senders run out at once.
-- Binds:   clock, senders.
with ended as (
    update restock.confirmation
    set lease_until = %(clock)s::timestamptz - interval '1 second'
    where status = 'waiting' and leased_by = any(%(senders)s::text[]) and lease_until >= %(clock)s
)

update restock.outbox
set lease_until = %(clock)s::timestamptz - interval '1 second'
where leased_by = any(%(senders)s::text[]) and lease_until >= %(clock)s
