-- Purpose: the runs that decided something in a stretch of time, each with its policy.
-- Binds:   since, until.
-- Grain:   one row a moment of planning.
select
    c.clock,
    max(d.policy_id) as policy_id
from restock.decision as d
cross join lateral (values (d.decided_at), (d.ranked_at)) as c (clock)
where c.clock >= %(since)s and c.clock < %(until)s
group by c.clock
order by c.clock
