-- Purpose: when each DAG last came to its end without a fault.
-- Grain:   one row a DAG: name, beat_at (null where it never did).
select
    d.name,
    h.beat_at
from (values ('restock_ingest'), ('restock_notify'), ('restock_maintenance')) as d (name)
left join restock.heartbeat as h on d.name = h.name
