-- Purpose: the restore is settled: planning and sending go on.
-- Binds:   settled_by, unknown, listed_count, sent_count, told_count, dropped_count.
update restock.restore
set
    settled_at = greatest(now(), restored_at),
    settled_by = %(settled_by)s,
    unknown = %(unknown)s,
    listed_count = %(listed_count)s,
    sent_count = %(sent_count)s,
    told_count = %(told_count)s,
    dropped_count = %(dropped_count)s
where settled_at is null
