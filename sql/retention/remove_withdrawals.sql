-- Purpose: remove withdrawals that ended what was asked long ago.
-- Binds:   since.
-- Grain:   one row: how many.
select r.removed_count
from restock.remove_withdrawals(%(since)s) as r (removed_count)
