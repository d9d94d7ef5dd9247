-- Purpose: who looked last, when, and since when without a pause.
-- Grain:   one row; none before the first look.
select
    looked_at,
    looked_by,
    watching_since
from restock.watch
