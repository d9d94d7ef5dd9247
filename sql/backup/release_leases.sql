-- Purpose: what was leaving at the moment of the backup: its senders are gone, and the list said what became of it.
with free as (
    update restock.outbox
    set
        lease_until = null,
        leased_by = null
    where lease_until is not null
    returning notification_key
),

departed as (
    delete from restock.departure
)

update restock.notification
set status = 'scheduled'
from free
where notification.notification_key = free.notification_key and notification.status = 'claimed'
