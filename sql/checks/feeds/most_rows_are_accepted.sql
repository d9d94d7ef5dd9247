-- Purpose:  at most a fifth of the rows of a file are rejected.
-- Severity: warn; fail for inventory
-- Feeds:    all
-- Clears:   by itself
-- Binds:    feed_file_id.
-- Grain:    one row: is_valid, debug_value (the file, and how many of its rows). Fewer than ten rejected rows are no
--           reason yet.
select
    rejected_count < 10 or rejected_count * 5 <= read_count as is_valid,
    concat(path, ': ', rejected_count, ' of its ', read_count, ' rows were rejected') as debug_value
from restock.feed_file
where feed_file_id = %(feed_file_id)s
