from datetime import UTC, datetime, timedelta

from aiohttp import web

from restock.local.airflow import idle_parts
from restock.local.airflow_api import AirflowApi
from tests.http import Call, serve_http

STARTED = datetime(2026, 6, 1, 12, tzinfo=UTC)


def job(job_type: str, born: float, beat: float) -> dict[str, str]:
    """A job as Airflow lists it: its birth and its latest beat, in seconds after the start of the stack."""
    moments = [(STARTED + timedelta(seconds=seconds)).isoformat() for seconds in (born, beat)]
    return {"job_type": job_type, **dict(zip(("start_date", "latest_heartbeat"), moments, strict=True))}


def test_a_part_works_once_it_has_beaten_again_since_its_birth() -> None:
    jobs = [
        job("SchedulerJob", 3, 9),
        # The first beat is taken an instant before the birth is written down.
        job("TriggererJob", 4.01, 4),
        # It ran before the start, and was killed.
        job("DagProcessorJob", -60, -2),
    ]

    async def answer(call: Call) -> web.Response:
        return web.json_response({"access_token": "t"} if call.path == "/auth/token" else {"jobs": jobs})

    with serve_http() as server:
        server.answer = answer
        api = AirflowApi(server.url, "admin", "secret")
        assert idle_parts(api, STARTED) == ["dag-processor", "triggerer"]
        jobs += [job("TriggererJob", 4.01, 10), job("DagProcessorJob", 5, 11)]
        assert idle_parts(api, STARTED) == []
