-- Purpose: write down that a gate does not let pass. What somebody released once stays released as long as the check
--          says the same.
-- Binds:   gate, feed, scope, severity, clears, debug_value, clock.
-- Grain:   one row where it stands now: since; none where it was released.
insert into restock.gate (gate, feed, scope, severity, clears, debug_value, since, checked_at)
select
    %(gate)s,
    %(feed)s,
    %(scope)s,
    %(severity)s,
    %(clears)s,
    %(debug_value)s,
    %(clock)s,
    %(clock)s
where
    not exists (
        select 1
        from (
            select
                g.debug_value,
                g.released_by
            from restock.gate as g
            where g.gate = %(gate)s and g.feed = %(feed)s and g.released_at is not null
            order by g.released_at desc, g.gate_id desc
            limit 1
        ) as latest
        where latest.debug_value = %(debug_value)s and latest.released_by <> 'check'
    )
on conflict (gate, feed) where released_at is null do update
    set
        severity = excluded.severity,
        clears = excluded.clears,
        debug_value = excluded.debug_value,
        checked_at = greatest(gate.checked_at, excluded.checked_at)
returning since
