-- Purpose: a file of a feed could not be read, and no later version of it was loaded.
-- Binds:   clock, patience (for which it is told).
-- Grain:   one row a feed: subject, since, detail.
select
    f.feed as subject,
    min(f.recorded_at) as since,
    concat(
        count(*), ' files of the feed ', f.feed, ' could not be read, such as ', max(f.path), ': ',
        (array_agg(f.reason order by f.path desc))[1]
    ) as detail
from restock.feed_file as f
where
    f.status = 'failed'
    and f.recorded_at > %(clock)s - %(patience)s
    and not exists (
        select 1
        from restock.feed_file as later
        where later.path = f.path and later.status <> 'failed' and later.feed_file_id > f.feed_file_id
    )
group by f.feed
