-- Purpose: move the due time of earlier messages that items joined.
-- Needs:   joined_message (notification_key, first_due_at, due_at); the outbox rows are locked (lock_joinable.sql).
with moved as (
    update restock.outbox
    set due_at = j.due_at
    from joined_message as j
    where outbox.notification_key = j.notification_key and outbox.due_at <> j.due_at
)

update restock.notification
set
    first_due_at = j.first_due_at,
    due_at = j.due_at
from joined_message as j
where notification.notification_key = j.notification_key
