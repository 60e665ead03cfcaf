"""A rented machine's host who lies: he has its token, speaks to every door it opens, and stores what he likes."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.control_plane.desk import Desk, declare

TEXT = "In the matter of the custody of R.\nThe child lives in Reno."


@dataclass(frozen=True)
class Host:
    """Calls as the machine of this label."""

    desk: Desk
    label: str
    headers: dict[str, str]

    @classmethod
    def rent(cls, desk: Desk, label: str = "aseagi-local-0000000e") -> "Host":
        return cls(desk, label, desk.add_machine(label))

    def claim(self) -> dict:
        return self.desk.claim(self.headers)

    def sql(self, function: str, **arguments: Any) -> httpx.Response:
        """A function of the database, with the machine's own token."""
        return httpx.post(
            f"{self.desk.settings.supabase_url}/rest/v1/rpc/{function}",
            headers={"apikey": self.desk.settings.supabase_publishable_key, **self.headers}, json=arguments, timeout=20,
        )  # fmt: skip

    def put(self, job: dict, contents: dict[str, bytes]) -> dict[str, int]:
        """Store files through presigned URLs; the store's answers."""
        lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
        urls = self.desk.http.post("/api/worker/urls", headers=self.headers, json={**lease, "put": declare(contents)})
        assert urls.status_code == 200, urls.text
        targets = urls.json["put"]
        return {
            name: httpx.put(targets[name]["url"], content=content, headers=targets[name]["headers"]).status_code
            for name, content in contents.items()
        }

    def hand_in(self, job: dict, body: Any, route: str = "complete"):
        """A result, or parts, as the body of a request of his own making."""
        headers = {**self.headers, "x-aseagi-job-id": job["job_id"], "x-aseagi-lease-token": job["lease_token"]}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.desk.http.post(
            f"/api/worker/{route}", headers=headers, data=data, content_type="application/json"
        )

    def read(self, job: dict, text: str = TEXT, **changes: Any):
        """An honest reading of one page but for the changes."""
        self.put(job, {"ocr.txt": text.encode()})
        return self.hand_in(job, new_result(job, text) | changes)


def new_result(job: dict, text: str = TEXT) -> dict:
    content = text.encode()
    return {
        "sha256": job["sha256"], "mime_type": "application/pdf", "seconds": 1.0,
        "pages": [{"page": 1, "outcome": "ocr", "engine": "onnx", "confidence": 0.9, "seconds": 1, "words": 9}],
        "artifacts": {"ocr.txt": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}},
        "analysis": {"analyst": "rules", "document_type": "letter", "claims": [], "summary": "A letter."},
    }  # fmt: skip
