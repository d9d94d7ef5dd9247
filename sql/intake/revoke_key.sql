-- Purpose: end a key.
-- Binds:   name.
-- Grain:   one row, or none where no key in force is called so.
update restock.api_key
set revoked_at = now()
where name = %(name)s and revoked_at is null
returning api_key_id
