-- Purpose: senders that noted what was accepted and have not settled it.
-- Grain:   one row a sender: leased_by.
select distinct leased_by
from restock.acceptance
order by leased_by
