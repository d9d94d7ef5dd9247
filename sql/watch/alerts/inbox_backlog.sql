-- Purpose: what arrived over HTTP has not been loaded for too long.
-- Binds:   clock, watching_since, patience.
-- Grain:   one row a feed: subject, since, detail.
select
    f.feed as subject,
    o.received_at as since,
    concat(
        (
            select count(*)
            from restock.inbox_pending as w
            where w.feed = f.feed
        ),
        ' rows of the feed ', f.feed, ' that arrived over HTTP are not loaded, the oldest from ',
        to_char(o.received_at, 'YYYY-MM-DD HH24:MI'), ' UTC'
    ) as detail
from (values ('requests'), ('inventory'), ('suppressions')) as f (feed)
cross join
    lateral (
        select i.received_at
        from restock.inbox_pending as w
        inner join restock.inbox as i on w.inbox_id = i.inbox_id
        where w.feed = f.feed
        order by w.inbox_id
        limit 1
    ) as o
where greatest(o.received_at, %(watching_since)s) < %(clock)s - %(patience)s
