-- Purpose: a task failed after its last try, lately or without a run of its DAG that came to its end since.
-- Binds:   clock, patience (for which it is told at least, so that one that fails in each run is told of once).
-- Grain:   one row a task: subject, since, detail.
select
    concat(f.dag_id, '.', f.task_id) as subject,
    f.failed_at as since,
    concat('the task ', f.task_id, ' of ', f.dag_id, ' failed in the run ', f.run_id, ': ', f.reason) as detail
from restock.task_failure as f
left join restock.heartbeat as h on f.dag_id = h.name
where
    f.failed_at > %(clock)s - %(patience)s
    or h.beat_at is null
    or h.beat_at <= f.failed_at
