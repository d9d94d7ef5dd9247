"""The plugin of the console: a page in Airflow's navigation, and the app behind it.

Tasks, scheduler and triggerer load plugins as well, so nothing is imported here before the API server asks for the app:
Airflow reads `fastapi_apps` there alone. The app stands in `include`, as Airflow runs every file of this folder.
"""

from functools import cached_property

from airflow.plugins_manager import AirflowPlugin


class RestockConsole(AirflowPlugin):
    """The console: `include/restock_console_api` is its app."""

    name = "restock_console"
    external_views = [  # noqa: RUF012 (Airflow's own interface)
        {
            "name": "Restock",
            # Relative, so that it holds where Airflow lives below a path.
            "href": "restock-console/",
            "destination": "nav",
            "url_route": "restock-console",
            "nav_top_level": True,
        }
    ]

    @cached_property
    def fastapi_apps(self):
        from restock_console_api import make_app

        return [{"app": make_app(), "url_prefix": "/restock-console", "name": "Restock console"}]
