-- Purpose: what became of each row of a loaded file; the table holds that the sum is the number of rows read.
-- Binds:   feed_file_id, read, loaded, rejected, duplicate, stale, unchanged.
update restock.feed_file
set
    read_count = %(read)s,
    loaded_count = %(loaded)s,
    rejected_count = %(rejected)s,
    duplicate_count = %(duplicate)s,
    stale_count = %(stale)s,
    unchanged_count = %(unchanged)s
where feed_file_id = %(feed_file_id)s
