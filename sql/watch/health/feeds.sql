-- Purpose: when each feed was last loaded, and what of it waits in the inbox. (The conditions are those of the index
--          feed_file_arrival.)
-- Grain:   one row a feed that ever was loaded or waits: feed, loaded_at, pending_count, oldest_pending_at.
with loaded as (
    select
        f.feed,
        l.recorded_at as loaded_at
    from (
        values ('requests'), ('inventory'), ('products'), ('customers'), ('orders'), ('suppressions')
    ) as f (feed)
    cross join
        lateral (
            select a.recorded_at
            from restock.feed_file as a
            where a.feed = f.feed and a.status = 'loaded' and a.status <> 'failed' and a.origin <> 'replay'
            order by a.recorded_at desc
            limit 1
        ) as l
),

waiting as (
    select
        w.feed,
        count(*) as pending_count,
        min(i.received_at) as oldest_pending_at
    from restock.inbox_pending as w
    inner join restock.inbox as i on w.inbox_id = i.inbox_id
    group by w.feed
)

select
    coalesce(l.feed, w.feed) as feed,
    l.loaded_at,
    coalesce(w.pending_count, 0) as pending_count,
    w.oldest_pending_at
from loaded as l
full join waiting as w on l.feed = w.feed
order by feed
