-- Purpose: the addresses of a person, for who has an operator's key.
-- Binds:   key_hash, user_id, channel, contact.
-- Grain:   one row an address, as channel:address in lower case.
select address
from restock.person_for_operator(%(key_hash)s, %(user_id)s, %(channel)s, %(contact)s) as address
