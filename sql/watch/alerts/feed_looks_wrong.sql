-- Purpose: a feed is late, or a file of it looks wrong; nothing is held for it.
-- Binds:   clock, patience.
-- Grain:   one row a gate and feed: subject, since, detail.
select
    concat(g.gate, ' of ', g.feed) as subject,
    g.since,
    concat('the feed ', g.feed, ' does not pass the gate ', g.gate, ': ', g.debug_value) as detail
from restock.gate as g
where
    g.released_at is null
    and g.severity = 'warn'
    and g.since <= %(clock)s - %(patience)s
