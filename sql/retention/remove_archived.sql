-- Purpose: remove a range of rows that stands in verified files.
-- Binds:   family, from_key, to_key, since.
-- Grain:   one row: how many rows.
select r.removed_count
from restock.remove_archived(%(family)s, %(from_key)s, %(to_key)s, %(since)s) as r (removed_count)
