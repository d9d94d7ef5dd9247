-- Purpose: the channels that messages can leave on.
-- Grain:   one row a channel, in the order of their names.
select name
from restock.channel
order by name
