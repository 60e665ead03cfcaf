"""Wire: what the case room asks of the control plane beside what the dashboard asks."""

from collections.abc import Callable

import httpx

from dashboard.api_client import ApiClient


class CaseApi(ApiClient):
    """The control plane's routes for work on evidence, asked in the name of whoever asks us (`bearer`)."""

    def __init__(self, base_url: str, bearer: Callable[[], str], transport: httpx.BaseTransport | None = None):
        super().__init__(base_url, "", transport)

        def sign(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = f"Bearer {bearer()}"
            return request

        self._http.auth = sign
