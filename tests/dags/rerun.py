"""Clears tasks of a DAG run, and runs what is cleared, as Airflow's scheduler does but in this process."""

from collections.abc import Iterable
from typing import Any

from tests.dags.conftest import keep_loggers


class Reruns:
    """The runs that `dag.test()` left in the metadata of the session's Airflow, to be cleared and run again."""

    def __init__(self, dags: dict[str, Any]) -> None:
        from airflow.serialization.serialized_objects import DagSerialization

        self.dags = dags
        for dag in dags.values():
            # As in `run_dag`: Airflow takes the alert for its row.
            dag.deadline = None
        self._serialized = {
            name: DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)) for name, dag in dags.items()
        }

    def newest(self, dag_id: str) -> str:
        """The run id of the newest run."""
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session

        with create_session() as session:
            return session.query(DagRun.run_id).filter_by(dag_id=dag_id).order_by(DagRun.id.desc()).limit(1).scalar()

    def states(self, dag_id: str, run_id: str) -> dict[tuple[str, int], str]:
        """State of each task, by its id and map index (-1 where it is not mapped)."""
        from airflow.models.taskinstance import TaskInstance
        from airflow.utils.session import create_session

        with create_session() as session:
            found = session.query(TaskInstance).filter_by(dag_id=dag_id, run_id=run_id)
            return {(instance.task_id, instance.map_index): str(instance.state) for instance in found}

    def clear(self, dag_id: str, run_id: str, tasks: Iterable[str | tuple[str, int]] | None = None) -> int:
        """Clear tasks as the button in Airflow does, all without `tasks`; how many were."""
        return self._serialized[dag_id].clear(run_id=run_id, task_ids=None if tasks is None else list(tasks))

    def backfill(self, dag_id: str, reprocess: str, **wanted: Any) -> list[str]:
        """Make a backfill as Airflow's API does; the run ids that it wants run, which may be cleared ones."""
        from airflow.models.backfill import Backfill, BackfillDagRun, ReprocessBehavior, _create_backfill
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session
        from airflow.utils.state import DagRunState

        wanted |= {"max_active_runs": 2, "reverse": False, "triggering_user_name": "vera"}
        made = _create_backfill(dag_id=dag_id, reprocess_behavior=ReprocessBehavior(reprocess), **wanted)
        with create_session() as session:
            session.query(Backfill).filter_by(id=made.id).update({"completed_at": made.created_at})
            return [
                run_id
                for (run_id,) in session.query(DagRun.run_id)
                .join(BackfillDagRun, BackfillDagRun.dag_run_id == DagRun.id)
                .filter(BackfillDagRun.backfill_id == made.id, DagRun.state == DagRunState.QUEUED)
                .order_by(DagRun.logical_date)
            ]

    def run(self, dag_id: str, run_id: str) -> str:
        """Run what a run has still to do: the loop of `dag.test()`, for a run that is there. How it ended."""
        from airflow.models.dagrun import DagRun
        from airflow.sdk.definitions.dag import _run_task
        from airflow.utils import timezone
        from airflow.utils.session import create_session
        from airflow.utils.state import DagRunState, TaskInstanceState

        keep_loggers()
        with create_session() as session:
            run = session.query(DagRun).filter_by(dag_id=dag_id, run_id=run_id).one()
            run.dag = self._serialized[dag_id]
            run.state = DagRunState.RUNNING
            run.start_date = run.start_date or timezone.utcnow()
            run.verify_integrity(dag_version_id=run.created_dag_version_id, session=session)
            session.commit()
            idle = 0
            while run.state == DagRunState.RUNNING:
                session.expire_all()
                # A task's call to the API, which has this same session, may have put in the DAG with its alert.
                run.dag = self._serialized[dag_id]
                ready, _ = run.update_state(session=session)
                for instance in ready:
                    instance.try_number += 1
                    instance.state = TaskInstanceState.SCHEDULED
                session.commit()
                waiting = [each for each in run.get_task_instances(session=session) if each.state == "scheduled"]
                # A look that skips or removes tasks leaves the end of the run to the next one.
                idle = 0 if waiting else idle + 1
                assert idle < 5, self.states(dag_id, run_id)
                for instance in waiting:
                    _run_task(ti=instance, task=self.dags[dag_id].task_dict[instance.task_id])
            return str(run.state)
