-- Purpose: make a key.
-- Binds:   name, kind, hash (SHA-256 of the key), surface, origins (text[]).
-- Grain:   one row, or none where the name is taken.
insert into restock.api_key (name, kind, key_hash, surface, origins)
values (%(name)s, %(kind)s, %(hash)s, %(surface)s, %(origins)s)
on conflict (name) do nothing
returning api_key_id
