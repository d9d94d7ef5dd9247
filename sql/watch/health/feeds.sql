-- Purpose: when each feed was last loaded, and what of it waits in the inbox.
-- Grain:   one row a feed that ever was loaded or waits: feed, loaded_at, pending_count, oldest_pending_at.
with loaded as (
    select
        feed,
        max(recorded_at) as loaded_at
    from restock.feed_file
    where status = 'loaded'
    group by feed
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
