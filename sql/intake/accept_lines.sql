-- Purpose: put lines into the inbox, in their order.
-- Binds:   feed, client (name of the key), lines (text[]).
-- Grain:   one row a line.
insert into restock.inbox (feed, line, client)
select
    %(feed)s::text,
    l.line,
    %(client)s::text
from unnest(%(lines)s::text[]) with ordinality as l (line, place)
order by l.place
