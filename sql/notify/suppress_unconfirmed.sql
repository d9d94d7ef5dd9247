-- Purpose: the provider says that these addresses are bad: nothing is sent to them again.
-- Binds:   clock, channel, contacts.
insert into restock.suppression (channel, contact, reason, suppressed_at)
select distinct
    %(channel)s,
    lower(c.contact),
    'bounce',
    %(clock)s::timestamptz
from unnest(%(contacts)s::text[]) as c (contact)
on conflict (channel, contact) do nothing
