"""People who send papers all the while, and try again until each is taken (wire)."""

from __future__ import annotations

import io
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.cloud import Cloud
from local_cloud.probes import s3_client
from scripts.soak.papers import Paper

TRY_SECONDS = 20.0
PAUSE_SECONDS = 0.5
MANY = 5  # files of one form, objects of one prefix


@dataclass
class Sent:
    """What was taken, by SHA-256, and how hard it was; several threads write into it."""

    papers: dict[str, list[Paper]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)  # answers that should not have been
    tries: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, papers: list[Paper]) -> None:
        """These were acknowledged."""
        with self.lock:
            for paper in papers:
                self.papers.setdefault(paper.sha256, []).append(paper)

    def count(self, word: str) -> None:
        with self.lock:
            self.tries[word] += 1


@dataclass
class Sender:
    """One client; it knows a URL, a token and what the front's certificate is."""

    url: str
    token: str
    trusts: ssl.SSLContext
    cloud: Cloud
    sent: Sent
    stop: threading.Event

    def run(self, papers: Iterator[Paper], lock: threading.Lock, pause_seconds: float) -> None:
        """Send one after the other until told to stop; what was begun is brought to its end."""
        turn = 0
        while not self.stop.is_set():
            turn += 1
            with lock:
                taken = list(islice(papers, MANY if turn % 8 in (0, 4) else 1))
            if turn % 8 == 0:
                self.send_prefix(taken)
            elif len(taken) > 1:
                self._until_taken(self._send_form, taken)
            else:
                self._until_taken(self._send_one, taken[0])
            self.stop.wait(pause_seconds * len(taken))

    def send_prefix(self, papers: list[Paper]) -> None:
        """As somebody with rclone: into the bucket, past us, and then a batch over it."""
        cloud = self.cloud
        client = s3_client(cloud.spaces_endpoint, cloud.spaces_region, cloud.spaces_key, cloud.spaces_secret)
        prefix = f"inbox/{papers[0].sha256[:12]}/"
        for paper in papers:
            self._until_taken(_put, client, cloud.spaces_bucket, prefix + paper.name, paper.content)
        body = {"prefix": prefix, "priority": "normal", "placement": "datacenter_only"}
        self._until_taken(lambda: self._post("/batch/start", json=body).status_code == 201)
        self.sent.take([Paper(each.name, each.content, "datacenter_only", each.is_sound) for each in papers])

    def _until_taken(self, attempt: Callable[..., bool], *what: Any) -> None:
        while True:
            try:
                if attempt(*what):
                    self.sent.count("taken")
                    return
            except httpx.HTTPError as error:
                self.sent.count(type(error).__name__)
            time.sleep(PAUSE_SECONDS)

    def _send_one(self, paper: Paper) -> bool:
        answer = self._post("/api/upload", data=_choices(paper), files={"file": _file(paper)})
        if answer.status_code not in (200, 201):
            return self._refused(paper, answer)
        self.sent.take([paper])
        return True

    def _send_form(self, papers: list[Paper]) -> bool:
        files = [("files", _file(each)) for each in papers]
        answer = self._post("/api/batch-upload", data=_choices(papers[0]), files=files)
        if answer.status_code != 201:
            return self._refused(papers[0], answer)
        entries = answer.json()["files"]
        taken = [paper for paper, entry in zip(papers, entries, strict=True) if entry["status"] != "refused"]
        self.sent.odd += [f"{entry['filename']}: {entry['code']}" for entry in entries if entry["status"] == "refused"]
        self.sent.take([Paper(each.name, each.content, papers[0].placement, each.is_sound) for each in taken])
        return True

    def _refused(self, paper: Paper, answer: httpx.Response) -> bool:
        """A fault of the house is tried again; that a paper is refused for its own sake is odd."""
        self.sent.count(str(answer.status_code))
        if answer.status_code >= 500 or answer.status_code == 429:
            return False
        self.sent.odd.append(f"{paper.name}: {answer.status_code} {answer.text[:200]}")
        return True

    def _post(self, path: str, **what: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(verify=self.trusts, timeout=TRY_SECONDS, trust_env=False) as client:
            return client.post(self.url + path, headers=headers, **what)


def _choices(paper: Paper) -> dict[str, str]:
    return {"priority": "normal", "placement": paper.placement}


def _file(paper: Paper) -> tuple[str, io.BytesIO]:
    return paper.name, io.BytesIO(paper.content)


def _put(client: Any, bucket: str, key: str, content: bytes) -> bool:
    try:
        client.put_object(Bucket=bucket, Key=key, Body=content)
    except (BotoCoreError, ClientError):
        return False
    return True
