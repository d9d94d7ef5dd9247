-- Purpose: give back whatever a sender holds that has nothing in flight: the connection to the warehouse broke while it
--          claimed, so that it does not know whether it did.
-- Binds:   leased_by.
update restock.outbox
set
    lease_until = null,
    leased_by = null
where leased_by = %(leased_by)s
