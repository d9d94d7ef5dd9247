-- Purpose: release one of the gates of rule 2 by hand, or all of them.
-- Binds:   gate (null for all), released_by.
-- Grain:   one row a gate that was released.
select g.gate
from restock.release_episodes(%(gate)s, %(released_by)s) as g (gate)
