"""The stand-in for Anthropic (`local_cloud/anthropic`) in the test's own process, with its handles in one place."""

import json
from typing import Any

from local_cloud.anthropic.account import Account
from local_cloud.anthropic.answers import answer_from
from local_cloud.anthropic.batches import Batches
from local_cloud.anthropic.server import Server

KEY = "sk-ant-stand-in-key-0123456789"


class FakeAnthropic:
    """A context manager with `url` and `key`.

    `account.script` lists how the next requests end; with none left all are answered from the document's own text, with
    `answer_changes`. `requests` holds their bodies as they came. Batches end at once, or as `batches.seconds` says.
    """

    def __init__(self) -> None:
        self.answer_changes: dict[str, Any] = {}
        self.account = Account(KEY, lambda body: json.dumps(answer_from(body) | self.answer_changes))
        self.batches = Batches(self.account)
        self.server = Server(self.account, self.batches)
        self.key, self.url, self.hold = KEY, self.server.url, self.server.hold

    def __enter__(self) -> "FakeAnthropic":
        self.server.__enter__()
        return self

    def __exit__(self, *exc) -> None:
        self.server.__exit__(*exc)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of all requests, batched ones when they were processed."""
        return self.account.requests

    @property
    def script(self) -> list[str]:
        """How the next requests end."""
        return self.account.script

    @script.setter
    def script(self, endings: list[str]) -> None:
        self.account.script = endings

    @property
    def usage(self) -> dict[str, int] | None:
        """What every answer says it used, in place of what is counted."""
        return self.account.usage

    @usage.setter
    def usage(self, usage: dict[str, int] | None) -> None:
        self.account.usage = usage
