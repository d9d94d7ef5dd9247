-- Purpose: the newest row of stock in the inbox that waits to be loaded.
-- Grain:   one row, which is null where none waits.
select max(inbox_id) as inbox_id
from restock.inbox_pending
where feed = 'inventory'
