"""gunicorn around the app: one process, many threads, clients built after the fork."""

from __future__ import annotations

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config

from control_plane import create_app
from control_plane.http.access_log import set_up_logging
from control_plane.readiness import keep_watch
from control_plane.settings import Settings

GRACEFUL_SECONDS = 30


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves until SIGTERM, then lets running requests end for up to 30 seconds."""

    cfg: Config

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings."""
        options = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": self.settings.threads,
            "graceful_timeout": GRACEFUL_SECONDS,
            "timeout": 120,
            "keepalive": 75,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": lambda _worker: set_up_logging(),
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app, built in the worker process: no connection pool survives a fork."""
        app = create_app(self.settings)
        keep_watch(self.settings, app.extensions["clients"].database)
        return app
