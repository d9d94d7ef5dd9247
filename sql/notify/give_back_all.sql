-- Purpose: give back whatever a sender holds that has nothing in flight: the connection to the warehouse broke while it
--          claimed, so that it does not know whether it did.
-- Binds:   clock, leased_by.
with given_back as (
    update restock.outbox
    set
        lease_until = null,
        leased_by = null
    where leased_by = %(leased_by)s
    returning notification_key
)

update restock.notification
set
    status = case when notification.attempt_count > 1 then 'failed' else 'scheduled' end,
    status_at = %(clock)s,
    attempt_count = notification.attempt_count - 1
from given_back as g
where notification.notification_key = g.notification_key
