-- Purpose: what became of some requests, in sentences.
-- Binds:   request_ids.
-- Grain:   one row a request and restock, the oldest restock first, and last where the request stands outside of them.
select
    request_id,
    explanation
from restock.decision_explained
where request_id = any(%(request_ids)s)
order by request_id, episode_id nulls last
