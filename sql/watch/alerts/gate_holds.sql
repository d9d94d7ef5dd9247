-- Purpose: a gate holds products back: nobody is told of them.
-- Binds:   clock, patience.
-- Grain:   one row a gate and feed: subject, since, detail.
select
    concat(g.gate, ' of ', g.feed) as subject,
    g.since,
    concat(
        'the gate ', g.gate, ' of the feed ', g.feed, ' holds products back since ',
        to_char(g.since, 'YYYY-MM-DD HH24:MI'), ' UTC: ', g.debug_value
    ) as detail
from restock.gate as g
where
    g.released_at is null
    and g.severity = 'fail'
    and g.since <= %(clock)s - %(patience)s
