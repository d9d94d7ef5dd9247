-- Purpose: which of some stores want addresses confirmed.
-- Binds:   store_ids.
-- Grain:   one row a store that does.
select s.store_id
from unnest(%(store_ids)s::text[]) as s (store_id)
where restock.double_opt_in(s.store_id)
