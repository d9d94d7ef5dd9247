-- Purpose: how often a message about a product leads to a purchase, as waves by evidence reckon.
-- Binds:   clock, store_ids, product_ids (arrays, in step).
-- Grain:   one row a product and store.
select
    w.store_id,
    w.product_id,
    (w.evidence ->> 'conversion')::float8 as conversion,
    w.notify_per_unit::float8 as notify_per_unit
from restock.wave_size_by_evidence(%(store_ids)s, %(product_ids)s, %(clock)s) as w
