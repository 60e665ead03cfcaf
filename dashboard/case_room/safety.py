"""What keeps the pages safe: forms that only our own pages can send, and headers that let nothing foreign in."""

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request, session
from markupsafe import Markup, escape

FIELD = "form_key"
CACHE_SECONDS = 86_400


def register_safety(app: Flask) -> None:
    """Check every form, and set the headers of every answer."""
    app.before_request(_check_form)
    app.after_request(_set_headers)
    app.jinja_env.globals.update(form_field=form_field, picture=picture)


def form_field() -> Markup:
    """The hidden field that every form of ours carries."""
    key = session.setdefault(FIELD, secrets.token_urlsafe(24))
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, key)


def picture(address: str | None) -> str:
    """A signed link to a picture in the storage, which this one answer may then load."""
    parts = urlsplit(address or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    g.setdefault("storages", set()).add(f"{parts.scheme}://{parts.netloc}")
    return str(address)


def _check_form() -> None:
    """403 unless the visitor's own session made the form, on a page of ours."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403)
    kept, given = session.get(FIELD, ""), request.form.get(FIELD, "")
    if not kept or not hmac.compare_digest(str(kept).encode(), given.encode()):
        abort(403)


def _set_headers(response: Response) -> Response:
    storages = " ".join(sorted(str(escape(each)) for each in g.get("storages", ())))
    # PDF.js decodes scans (JBIG2, JPEG 2000) with WebAssembly; nothing else is ever compiled or fetched from elsewhere.
    policy = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
        f"font-src 'self' data:; img-src 'self' data: blob: {storages}; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
