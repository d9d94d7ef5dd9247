-- Purpose: the provider says that these addresses are bad: nothing is sent to them again.
-- Binds:   clock, channel, contacts.
insert into restock.suppression (channel, contact_hash, reason, suppressed_at)
select distinct
    %(channel)s,
    restock.hash_contact_with(k.inner_key, k.outer_key, c.contact),
    'bounce',
    %(clock)s::timestamptz
from unnest(%(contacts)s::text[]) as c (contact)
cross join restock.erasure_key as k
on conflict (channel, contact_hash) do nothing
