-- Purpose: whether restock_ingest found nothing left to load since the restore that nobody has settled.
-- Grain:   one row where it did.
select h.beat_at
from restock.heartbeat as h
inner join restock.restore as r on h.beat_at > r.restored_at
where h.name = 'restock_ingest found nothing to load' and r.settled_at is null
