-- Purpose: room on the pages of messages for all of a batch, which are written anew at once: without it more than half
--          of them moved to other pages, with new entries in three indexes.
-- Run by:  Alembic (0017_room.py), inside one transaction. Rows that are there stay where they are.
update restock.storage_setting
set
    value = '50',
    reason = 'A batch is a run of keys: its messages are written anew together, within their pages.'
where table_name = 'notification' and parameter = 'fillfactor';
select restock.set_storage(p.partition_id::regclass, p.table_name)
from restock.partition as p
where p.table_name = 'notification';
