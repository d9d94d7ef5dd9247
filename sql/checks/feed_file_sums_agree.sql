-- Purpose:  each row of a feed file is loaded, rejected, duplicate, stale or unchanged.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with kept as (
    select
        feed_file_id,
        count(*) as row_count
    from restock.rejected_row
    group by feed_file_id
)

select
    count(*) = 0 as is_valid,
    concat('files such as ', min(f.path), ' (', count(*), ' in all)') as debug_value
from restock.feed_file as f
left join kept as k on f.feed_file_id = k.feed_file_id
where
    f.read_count <> f.loaded_count + f.rejected_count + f.duplicate_count + f.stale_count + f.unchanged_count
    or f.rejected_count <> coalesce(k.row_count, 0)
