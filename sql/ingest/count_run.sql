-- Purpose: what one run of restock_ingest did.
-- Binds:   run_id.
-- Grain:   one row a feed.
select
    feed,
    count(*) as files,
    count(*) filter (where status = 'failed') as failed_files,
    count(*) filter (where status = 'duplicate') as duplicate_files,
    sum(read_count)::bigint as read,
    sum(loaded_count)::bigint as loaded,
    sum(rejected_count)::bigint as rejected,
    sum(duplicate_count)::bigint as duplicate,
    sum(stale_count)::bigint as stale,
    sum(unchanged_count)::bigint as unchanged
from restock.feed_file
where run_id = %(run_id)s
group by feed
order by feed
