-- Purpose: count one request against the limits of widget keys.
-- Binds:   scopes (text[], as in restock.intake_limit), subjects (bytea[], what each is about).
-- Grain:   one row a limit that it is over, the longest wait first.
select
    scope,
    wait_seconds
from restock.count_request(%(scopes)s, %(subjects)s)
