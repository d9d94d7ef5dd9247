-- Purpose: write down that a task failed after its last try.
-- Binds:   dag_id, task_id, run_id, reason.
insert into restock.task_failure (dag_id, task_id, run_id, reason, failed_at)
values (%(dag_id)s, %(task_id)s, %(run_id)s, %(reason)s, clock_timestamp())
on conflict (dag_id, task_id) do update
    set run_id = excluded.run_id, reason = excluded.reason, failed_at = excluded.failed_at
