-- Purpose: put a message about stock into the inbox.
-- Binds:   lines (one a row of the feed), client.
insert into restock.inbox (feed, line, client)
select
    'inventory',
    m.line,
    %(client)s
from unnest(%(lines)s::text[]) with ordinality as m (line, place)
order by m.place
