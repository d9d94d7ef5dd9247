-- Purpose: keep a key of the demo's shop as the stack made it.
-- Binds:   name; kind; hash (SHA-256 of the key); origins (text[], of the pages that may use it).
-- Grain:   no rows.
insert into restock.api_key (name, kind, key_hash, origins)
values (%(name)s, %(kind)s, %(hash)s, %(origins)s)
on conflict (name) do update
    set key_hash = excluded.key_hash, origins = excluded.origins
    where (api_key.key_hash, api_key.origins) is distinct from (excluded.key_hash, excluded.origins)
