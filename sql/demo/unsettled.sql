-- Purpose: how many messages are due or on their way.
-- Binds:   clock.
-- Grain:   one row: unsettled.
select count(*) as unsettled
from restock.outbox
where due_at <= %(clock)s or lease_until is not null
