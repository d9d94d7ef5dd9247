-- Purpose: let the requests of a confirmation into the inbox.
-- Binds:   confirmation_id.
-- Grain:   one row: done, false where there is nothing to confirm any more.
select restock.confirm(%(confirmation_id)s) as done
