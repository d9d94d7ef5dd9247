-- Purpose: the addresses of a person, who is named by user_id, or by channel and contact.
-- Binds:   user_id, channel, contact.
-- Grain:   one row an address, as channel:address in lower case.
select a.address
from restock.person_of(%(user_id)s, %(channel)s, %(contact)s) as p
cross join lateral unnest(p.addresses) as a (address)
