"""What a route takes and answers: its models read the request, write the answer and make the API document."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

from flask import Response, request
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from control_plane.errors import BadRequest

View = Callable[..., Any]
Auth = Literal["operator", "worker", "analyst", "analysis_secret", "metrics_token", "none"]
"""Who may call: a person's programs, a rented machine, the analysis worker, who holds its secret, who holds that of
the metrics, everybody."""
Scope = Literal["read", "upload", "decide", "admin"]
"""What a person may do: see, bring files in, judge and correct, and everything that costs or lets others in."""
Trace = Literal["saw", "searched", "downloaded"]
"""What the access log calls reading this; what changes something is always there."""
Model = TypeVar("Model", bound=BaseModel)
NOT_JSON = "Send a JSON object with the header Content-Type: application/json."


class _Asked(BaseModel):
    """What came from outside. Postgres has no NUL in any text, so none comes past here."""

    @model_validator(mode="after")
    def _has_no_nul(self) -> Self:
        if _holds_nul(self.__dict__):
            raise ValueError("must have no NUL")
        return self


class Query(_Asked):
    """The parameters of a route's address: words, read as the types of its fields."""

    model_config = ConfigDict(frozen=True)


class Body(_Asked):
    """A route's JSON body: a number is no text, and yes or no is no number. Fields we do not know are passed over."""

    model_config = ConfigDict(frozen=True, strict=True)


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(map(_holds_nul, (*value, *value.values())))
        case list() | tuple():
            return any(map(_holds_nul, value))
        case BaseModel():
            return _holds_nul(value.__dict__)
        case _:
            return False


@dataclass(frozen=True)
class Description:
    """What the API document says of one route. `raw` is a body that its view reads
    itself: content type, and schema or model; `needs` is for the operator's routes; a page is for browsers
    and stands in no API document."""

    summary: str
    tag: str
    auth: Auth
    answer: Any
    query: type[Query] | None = None
    body: type[Body] | None = None
    raw: tuple[str, dict[str, Any] | type[Body]] | None = None
    status: int = 200
    answer_type: str = "application/json"
    errors: tuple[int, ...] = ()
    needs: Scope | None = None
    trace: Trace | None = None
    is_page: bool = False

    def scope(self, method: str) -> Scope:
        """What a person needs to call it; a change that says nothing is the owner's alone."""
        return self.needs or ("read" if method in ("GET", "HEAD", "OPTIONS") else "admin")


def describe(summary: str, tag: str, *, answer: Any, auth: Auth = "operator", **details: Any) -> Callable[[View], View]:
    """Give a view its parsed `query` and `body`, send what it returns as `answer`, and attach its description.

    A view returns a value of `answer`, or a tuple of it and another status; a Response goes out as it is.
    """
    about = Description(summary, tag, auth, answer, **details)

    def attach(view: View) -> View:
        @functools.wraps(view)
        def served(**path: str) -> Response:
            parsed: dict[str, Any] = dict(path)
            if about.query is not None:
                parsed["query"] = read_query(about.query)
            if about.body is not None:
                parsed["body"] = read_body(about.body)
            return _send(view(**parsed), about)

        served.description = about  # type: ignore[attr-defined]
        return served

    return attach


def read_query(model: type[Model]) -> Model:
    """The request's parameters. Raises BadRequest (`bad_argument`)."""
    return read_words(model, request.args)


def read_words(model: type[Model], words: Mapping[str, str]) -> Model:
    """Fields that came as words; an empty one is none. Raises BadRequest (`bad_argument`)."""
    given = {name: value for name, value in words.items() if value.strip()}
    return _read(lambda: model.model_validate(given))


def read_body(model: type[Model]) -> Model:
    """The request's JSON object; none at all is an empty one. Raises BadRequest (`not_json`, `bad_argument`)."""
    raw = request.get_data()
    needs_one = any(field.is_required() for field in model.model_fields.values())
    if (raw and not request.is_json) or (not raw and needs_one):
        raise BadRequest(NOT_JSON, "not_json")
    return _read(lambda: model.model_validate_json(raw or b"{}"))


def json_object() -> dict[str, Any]:
    """The body as a JSON object, as it came. Raises BadRequest (`not_json`)."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest(NOT_JSON, "not_json")
    return body


def _read(validate: Callable[[], Model]) -> Model:
    try:
        return validate()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid" or not first["loc"] and first["type"] == "model_type":
            raise BadRequest(NOT_JSON, "not_json") from None
        words = first["msg"].removeprefix("Value error, ").rstrip(".")
        place = ".".join(map(str, first["loc"]))
        raise BadRequest(f"{place}: {words}." if place else f"{words}.", "bad_argument") from None


def _send(answer: Any, about: Description) -> Response:
    if isinstance(answer, Response):
        return answer
    value, status = answer if isinstance(answer, tuple) else (answer, about.status)
    return Response(_adapter(about.answer).dump_json(value), status, mimetype=about.answer_type)


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
