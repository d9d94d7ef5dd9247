-- Purpose: what the gates of rule 2, and those of the inventory feed, hold now.
-- Grain:   one row a gate: its name, what it found, since when, and how many episodes it holds (null: none may open).
select
    g.gate,
    g.debug_value,
    g.since,
    case g.scope
        when 'episodes'
            then (
                select count(*)
                from restock.episode as e
                where e.gate_id = g.gate_id and e.held_since is not null and e.closed_at is null
            )
    end as held_count
from restock.gate as g
where g.released_at is null and g.severity = 'fail' and g.feed = 'inventory'
order by g.since, g.gate
