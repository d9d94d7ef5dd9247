-- Purpose: keep requests until their addresses are confirmed.
-- Binds:   client, contact_hashes, lines (arrays, in step).
-- Grain:   one row a request.
select restock.keep_unconfirmed(k.contact_hash, %(client)s, k.line)
from (
    select
        contact_hash,
        line
    from unnest(%(contact_hashes)s::bytea[], %(lines)s::text[]) with ordinality as u (contact_hash, line, place)
    -- Always in one order, so that no two wait for each other.
    order by contact_hash, place
) as k
