"""Wire: what the case room asks of the control plane beside what the dashboard asks."""

from collections.abc import Callable

import httpx

from dashboard import answers
from dashboard.api_client import ApiClient


class CaseApi(ApiClient):
    """The control plane's routes for work on evidence, asked in the name of whoever asks us (`bearer`)."""

    def __init__(self, base_url: str, bearer: Callable[[], str], transport: httpx.BaseTransport | None = None):
        super().__init__(base_url, "", transport)

        def sign(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = f"Bearer {bearer()}"
            return request

        self._http.auth = sign

    def page(self, document_id: str, page: int) -> answers.PageOfWords:
        """A page's text, and where its words stand."""
        return self._ask(answers.PageOfWords, "GET", f"/api/documents/{document_id}/pages/{page}")
