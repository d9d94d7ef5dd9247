-- Purpose: when Airflow did what: the runs, and each of their tasks that was started.
-- Binds:   run_ids.
-- Grain:   one row a run (its task is null) or task, in the order of their starts.
select
    dag_id,
    null as task_id,
    queued_at,
    start_date as started_at,
    end_date as ended_at
from dag_run
where run_id = any(%(run_ids)s)
union all
select
    dag_id,
    task_id,
    queued_dttm as queued_at,
    start_date as started_at,
    end_date as ended_at
from task_instance
where run_id = any(%(run_ids)s) and state = 'success' and start_date is not null
order by started_at
