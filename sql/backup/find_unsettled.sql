-- Purpose: the restore of this warehouse that nobody has settled, if there is one.
-- Grain:   at most one row.
select
    backup_at,
    restored_at
from restock.restore
where settled_at is null
order by restore_id desc
limit 1
