-- Purpose: mark a warehouse as restored. What somebody had still to settle when the backup was made is settled with it.
-- Binds:   backup_at.
with before as (
    delete from restock.restore
    where settled_at is null
    returning backup_at
)

insert into restock.restore (backup_at, restored_at)
select
    least(%(backup_at)s, min(backup_at)),
    now()
from before
