-- Purpose: what became of one request, in sentences.
-- Binds:   request_id.
-- Grain:   one row a restock, the oldest first, and last where the request stands outside of them.
select explanation
from restock.decision_explained
where request_id = %(request_id)s
order by episode_id nulls last
