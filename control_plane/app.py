"""Puts the HTTP side together: settings, clients, guards and one blueprint per noun."""

from __future__ import annotations

import threading

from flask import Flask

from control_plane import health
from control_plane.accounts import pages as account_pages
from control_plane.accounts import routes as people
from control_plane.alarms import guide
from control_plane.alarms import routes as alarms
from control_plane.analysis import routes as analysis
from control_plane.analysis import worker_routes as analysis_worker
from control_plane.analysis.door import announce
from control_plane.batches import drive_files
from control_plane.batches import estimate_routes as estimates
from control_plane.batches import routes as batches
from control_plane.case import asking_routes as asking
from control_plane.case import event_routes, matter_routes, people_routes
from control_plane.case import pairs_routes as pairs
from control_plane.claude import batch_routes as claude_batches
from control_plane.claude import gateway
from control_plane.claude.gateway import build_claude
from control_plane.claude.standing import Weather
from control_plane.clients import Clients
from control_plane.doctor import routes as doctor
from control_plane.documents import binders, custody, jobs, lists, pages, parts, passwords, reports, zipping
from control_plane.documents import routes as documents
from control_plane.doors import routes as doors
from control_plane.doors.keeper import ask_about
from control_plane.fleet import market_routes as market
from control_plane.fleet import routes as machines
from control_plane.http import openapi
from control_plane.http.access_log import register_access_log
from control_plane.http.auth import register_auth
from control_plane.http.callers import Callers
from control_plane.http.errors import register_error_handlers
from control_plane.http.traces import Looks
from control_plane.http.wiring import clients as here
from control_plane.intake import refusals
from control_plane.intake import routes as intake
from control_plane.intake.slots import Pace, UploadSlots
from control_plane.judgement import keeping, marking
from control_plane.judgement import routes as judgement
from control_plane.metrics import routes as metrics
from control_plane.metrics.routes import RememberedMetrics
from control_plane.readiness import ReadinessChecks
from control_plane.record import routes as record
from control_plane.search import routes as search
from control_plane.settings import Settings
from control_plane.telegram import webhook as telegram
from control_plane.telegram.webhook import build_desk
from control_plane.webhooks import routes as webhooks
from control_plane.workers import routes as workers

BLUEPRINTS = (
    health.blueprint,
    alarms.blueprint,
    metrics.blueprint,
    guide.blueprint,
    doors.blueprint,
    intake.blueprint,
    refusals.blueprint,
    jobs.blueprint,
    lists.blueprint,
    zipping.blueprint,
    documents.blueprint,
    custody.blueprint,
    record.blueprint,
    pages.blueprint,
    parts.blueprint,
    binders.blueprint,
    passwords.blueprint,
    workers.blueprint,
    analysis.blueprint,
    analysis_worker.blueprint,
    machines.blueprint,
    market.blueprint,
    batches.blueprint,
    estimates.blueprint,
    drive_files.blueprint,
    claude_batches.blueprint,
    people_routes.blueprint,
    event_routes.blueprint,
    matter_routes.blueprint,
    judgement.blueprint,
    keeping.blueprint,
    marking.blueprint,
    reports.blueprint,
    pairs.blueprint,
    asking.blueprint,
    search.blueprint,
    webhooks.blueprint,
    doctor.blueprint,
    people.blueprint,
    account_pages.blueprint,
    openapi.blueprint,
    gateway.blueprint,
    telegram.blueprint,
)


def build_app(settings: Settings, clients: Clients) -> Flask:
    """The Flask app over these clients."""
    app = build_routes()
    wire(app, settings, clients)
    return app


def build_routes() -> Flask:
    """Every route and guard. They hold nothing: what one app knows and has asked is in its `extensions`, see `wire`."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    register_access_log(app)
    register_auth(app)
    register_error_handlers(app, lambda error: ask_about(here().database, error))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def wire(app: Flask, settings: Settings, clients: Clients) -> None:
    """Give an app of `build_routes` its settings, its clients and what it will remember; says what has changed."""
    database = clients.database
    app.extensions.update(
        settings=settings,
        clients=clients,
        readiness=ReadinessChecks(settings, clients),
        session_now=health.RememberedSession(lambda: health.find_session(database)),
        callers=Callers(settings.control_plane_token, database.find_session, database.find_api_token),
        looks=Looks(),
        claude=build_claude(settings),
        claude_weather=Weather(),
        claude_slots=threading.BoundedSemaphore(settings.claude.calls_at_once),
        telegram=build_desk(settings, clients),
        doctor_looks=threading.Lock(),
        upload_slots=UploadSlots(settings.threads),
        upload_pace=Pace(),
        metrics=RememberedMetrics(),
    )
    announce(settings, database)
