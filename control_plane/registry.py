"""Whether an image's tag is at its registry and our login may pull it: the HTTP API (v2), as Docker asks (wire)."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import Any

import httpx

from control_plane.errors import KeyRefused, NotFound, Unavailable

TIMEOUT_SECONDS = 20.0
KINDS = ", ".join((
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
))  # fmt: skip
DOCKER_HUB = "registry-1.docker.io"
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class RegistryUnavailable(Unavailable):
    """The registry did not answer, or not in a way that can be read."""

    code = "registry_unavailable"


@dataclass(frozen=True)
class Image:
    """`ghcr.io/you/worker:1` in its parts."""

    host: str
    name: str
    tag: str

    @classmethod
    def of(cls, words: str) -> Image:
        """As Docker reads it: without a host Docker's own, without a tag `latest`."""
        first, slash, rest = words.partition("/")
        is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
        host, path = (first, rest) if is_host else (DOCKER_HUB, words)
        path, at, digest = path.partition("@")
        name, colon, tag = path.partition(":")
        name = f"library/{name}" if host == DOCKER_HUB and "/" not in name else name
        return cls(host, name, digest if at else tag if colon else "latest")

    @property
    def url(self) -> str:
        """Where its registry keeps it; only one on this machine is asked without TLS, as Docker does."""
        scheme = "http" if self.host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
        return f"{scheme}://{self.host}/v2/{self.name}"


@dataclass(frozen=True)
class Login:
    """User and password of `-u USER -p TOKEN ghcr.io`."""

    user: str
    password: str

    @classmethod
    def of(cls, words: str) -> Login | None:
        """None for none, and for one that is not like that."""
        parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
        parser.add_argument("-u", "--username")
        parser.add_argument("-p", "--password")
        try:
            given, _ = parser.parse_known_args(words.split())
        except argparse.ArgumentError:
            return None
        return cls(given.username, given.password) if given.username and given.password else None


class Registry:
    """One image at its registry. Raises RegistryUnavailable, NotFound (`image_missing`), KeyRefused."""

    def __init__(self, image: Image, login: Login | None) -> None:
        self._image, self._login = image, login
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True)
        self._headers: dict[str, str] = {}

    def find_gigabytes(self) -> float:
        """What a machine pulls of it, having looked whether its first layer is given out."""
        manifest = self._json(f"manifests/{self._image.tag}")
        if "manifests" in manifest:
            chosen = next((each for each in manifest["manifests"] if _is_ours(each)), None)
            if chosen is None:
                raise NotFound("The image is not built for linux/amd64.", "image_missing")
            manifest = self._json(f"manifests/{chosen['digest']}")
        layers = manifest.get("layers") or []
        if layers:
            self._ask("HEAD", f"blobs/{layers[0]['digest']}")
        return sum(int(layer.get("size") or 0) for layer in layers) / 1e9

    def _json(self, path: str) -> dict[str, Any]:
        try:
            answer = self._ask("GET", path).json()
        except ValueError as error:
            raise RegistryUnavailable("The registry's answer cannot be read.") from error
        if not isinstance(answer, dict):
            raise RegistryUnavailable("The registry's answer cannot be read.")
        return answer

    def _ask(self, method: str, path: str) -> httpx.Response:
        reply = self._send(method, path)
        if reply.status_code == 401 and not self._headers:
            self._headers = self._answer(reply.headers.get("www-authenticate", ""))
            reply = self._send(method, path)
        if reply.status_code in (401, 403):
            raise KeyRefused(
                f"The registry {self._image.host} does not give the worker's image to "
                f"{'our login' if self._login else 'strangers'} ({reply.status_code}).",
                "image_login_refused" if self._login else "image_not_public",
            )
        if reply.status_code == 404:
            raise NotFound(f"The registry {self._image.host} has no such image or tag.", "image_missing")
        if not reply.is_success:
            raise RegistryUnavailable(f"The registry {self._image.host} answered {reply.status_code}.")
        return reply

    def _send(self, method: str, path: str) -> httpx.Response:
        try:
            return self._http.request(method, f"{self._image.url}/{path}", headers={"Accept": KINDS, **self._headers})
        except httpx.HTTPError as error:
            raise RegistryUnavailable(f"The registry {self._image.host} does not answer.") from error

    def _answer(self, challenge: str) -> dict[str, str]:
        """What the registry asks for: our login itself, or a token that its realm gives for it."""
        basic = httpx.BasicAuth(self._login.user, self._login.password) if self._login else None
        if not challenge.lower().startswith("bearer"):
            if basic is None:
                return {}
            return {
                "Authorization": next(basic.auth_flow(httpx.Request("GET", self._image.url))).headers["Authorization"]
            }
        asked = dict(CHALLENGE.findall(challenge))
        realm = asked.pop("realm", "")
        if not realm.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise RegistryUnavailable(f"The registry {self._image.host} asks for a token nowhere.")
        params = {"service": asked.get("service", ""), "scope": f"repository:{self._image.name}:pull"}
        try:
            reply = self._http.get(realm, params=params, auth=basic)
            token = reply.json().get("token") or reply.json().get("access_token") if reply.is_success else None
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise RegistryUnavailable(f"The registry {self._image.host} gave no token.") from error
        return {"Authorization": f"Bearer {token or 'none'}"}


def _is_ours(row: dict[str, Any]) -> bool:
    platform = row.get("platform") or {}
    return (platform.get("os"), platform.get("architecture")) == ("linux", "amd64")
