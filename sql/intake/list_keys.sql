-- Purpose: all keys, for who looks after them.
-- Grain:   one row a key.
select
    name,
    kind,
    surface,
    origins,
    created_at,
    revoked_at
from restock.api_key
order by revoked_at is not null, name
