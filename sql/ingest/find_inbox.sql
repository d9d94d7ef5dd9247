-- Purpose: the feeds with rows in the inbox that wait to be loaded.
-- Binds:   feeds (all there are, in the order in which they are to be loaded).
-- Grain:   one row a feed.
select f.feed
from unnest(%(feeds)s::text[]) with ordinality as f (feed, place)
where
    exists (
        select 1
        from restock.inbox_pending as p
        where p.feed = f.feed
    )
order by f.place
