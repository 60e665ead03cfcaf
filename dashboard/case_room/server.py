"""gunicorn around the case room: one process, a few threads, so that it stays small beside the others."""

import logging

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config

from dashboard.case_room.app import build_app
from dashboard.settings import Settings

THREADS = 8  # a thread waits for the control plane most of its time; a person asks for two or three things at once


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves until SIGTERM."""

    cfg: Config

    def __init__(self, settings: Settings, address: str, port: int) -> None:
        self.settings, self.bind = settings, f"{address}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings; no access log: an address may hold what somebody searched for."""
        options = {
            "bind": self.bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 120,
            "keepalive": 75,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app, built in the worker process: no connection pool survives a fork."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log whole addresses
        return build_app(self.settings)
