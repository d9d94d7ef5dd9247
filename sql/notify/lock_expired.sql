-- Purpose: messages whose lease ran out, locked: what of them may be leaving is looked at only then, as its sender may
--          write it down at this moment (note_part.sql).
-- Binds:   clock.
-- Grain:   one row a message: notification_key.
select notification_key
from restock.outbox
where lease_until < %(clock)s
for update skip locked
