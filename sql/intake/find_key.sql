-- Purpose: whose key this is.
-- Binds:   hash (SHA-256 of the key).
-- Grain:   one row, or none where no key in force has this hash.
select
    api_key_id,
    name,
    kind,
    surface,
    origins
from restock.find_api_key(%(hash)s)
