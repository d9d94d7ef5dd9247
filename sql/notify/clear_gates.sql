-- Purpose: clear the gates of the episodes that hold nothing any more, because all that they held has closed.
-- Binds:   clock.
update restock.gate
set
    released_at = greatest(%(clock)s, checked_at),
    released_by = 'check'
where
    scope = 'episodes'
    and released_at is null
    and not exists (
        select 1
        from restock.episode as e
        where e.gate_id = gate.gate_id and e.held_since is not null and e.closed_at is null
    )
