-- Purpose: add what a run did to the totals behind the metrics.
-- Binds:   names, amounts (one element a figure).
insert into restock.figure as f (name, total)
select
    n.name,
    n.amount
from unnest(%(names)s::text[], %(amounts)s::bigint[]) as n (name, amount)
where n.amount > 0
order by n.name
on conflict (name, tags) do update
    set total = f.total + excluded.total
