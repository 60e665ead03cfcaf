"""Programs hear what happens at their own address: signed, again until they have answered, every try written down."""

import base64
import hashlib
import hmac
import json

import pytest

from control_plane.webhooks.sender import MOST_OFFERS, Sender, build_sender, tick
from local_cloud import Cloud
from tests.control_plane.desk import PDF, REPOSITORY, Desk, make_desk
from tests.fakes.listener import Listener, listen

NOBODY = "http://127.0.0.1:9/hook"


@pytest.fixture
def desk(clean_cloud: Cloud) -> Desk:
    return make_desk(clean_cloud)


@pytest.fixture
def listener():
    listening = listen()
    yield listening
    listening.close()


@pytest.fixture
def sender(desk: Desk) -> Sender:
    return build_sender(desk.clients.database)


def deliveries(desk: Desk, webhook: dict) -> list[dict]:
    return desk.get(f"/api/webhooks/{webhook['id']}/deliveries").json["deliveries"]


def offer_again(desk: Desk) -> None:
    desk.sql("update event_deliveries set offered_until = now() - interval '1 second'")


def test_an_event_is_posted_signed_and_once(desk: Desk, listener: Listener, sender: Sender):
    desk.upload(PDF)  # before there was a webhook: not told
    made = desk.post("/api/webhooks", url=listener.url).json
    sent = desk.upload(PDF + b"2", "order.pdf").json
    tick(sender)
    tick(sender)
    [body] = [each for each in listener.bodies if json.loads(each)["data"]["job_id"] == sent["job_id"]]
    told = json.loads(body)
    assert told["data"]["document_id"] == sent["document_id"] and told["type"] and told["timestamp"]
    headers = listener.headers[listener.bodies.index(body)]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(made["secret"].removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert [each["status_code"] for each in deliveries(desk, made)] == [200] * len(listener.bodies)


def test_its_key_is_told_once_and_may_be_brought_along(desk: Desk, listener: Listener):
    key = "whsec_" + base64.b64encode(b"k" * 32).decode()
    assert desk.post("/api/webhooks", url=listener.url, secret=key).json["secret"] == key
    assert "secret" not in desk.get("/api/webhooks").json["webhooks"][0]
    for bad in ("k" * 40, "whsec_k", "whsec_" + base64.b64encode(b"short").decode()):
        assert desk.post("/api/webhooks", url=listener.url, secret=bad).json["code"] == "bad_argument"
    assert desk.post("/api/webhooks", url="ftp://x").json["code"] == "bad_argument"


def test_what_was_not_taken_is_sent_again_and_keeps_its_place(desk: Desk, listener: Listener, sender: Sender):
    made = desk.post("/api/webhooks", url=listener.url, kinds=["file_refused"]).json
    desk.upload(b"MZ\0\0", "program.exe")
    listener.answers = [500, 302]
    tick(sender)
    tick(sender)
    assert len(listener.bodies) == 1  # offered again after a minute, and not before
    for _ in range(2):
        offer_again(desk)
        tick(sender)
    assert len(listener.bodies) == 3 and len(set(listener.bodies)) == 1
    assert [each["status_code"] for each in deliveries(desk, made)] == [200, 302, 500]
    offer_again(desk)
    tick(sender)
    assert len(listener.bodies) == 3


def test_one_that_nobody_hears_is_given_up_and_reported(desk: Desk, sender: Sender):
    made = desk.post("/api/webhooks", url=NOBODY, kinds=["file_refused"]).json
    desk.upload(b"MZ\0\0", "program.exe")
    tick(sender)
    assert deliveries(desk, made)[0] | {"seconds": 0} == deliveries(desk, made)[0] | {
        "status_code": None, "problem": "ConnectError", "seconds": 0,
    }  # fmt: skip
    desk.sql("update event_deliveries set times_offered = %s", MOST_OFFERS)
    offer_again(desk)
    tick(sender)
    alarms = desk.sql("select payload ->> 'name' from events where kind = 'alarm_raised'")
    assert alarms == [("parked_notice",)]


def test_a_deaf_one_keeps_no_other_waiting(desk: Desk, listener: Listener, sender: Sender):
    desk.post("/api/webhooks", url=NOBODY)
    desk.post("/api/webhooks", url=listener.url, kinds=["file_refused"])
    desk.upload(PDF)
    desk.upload(b"MZ\0\0", "program.exe")
    tick(sender)
    assert [json.loads(each)["type"] for each in listener.bodies] == ["file_refused"]


def test_an_ended_one_hears_nothing_more(desk: Desk, listener: Listener, sender: Sender):
    made = desk.post("/api/webhooks", url=listener.url).json
    path = f"/api/webhooks/{made['id']}"
    assert desk.http.delete(path, headers=desk.auth).json == {"webhooks": []}
    assert desk.http.delete(path, headers=desk.auth).json["code"] == "not_found"
    desk.upload(PDF)
    tick(sender)
    assert listener.bodies == []


def test_the_workflow_for_n8n_asks_routes_that_there_are(desk: Desk):
    workflow = json.loads((REPOSITORY / "docs" / "n8n_batch_workflow.json").read_text())
    nodes = {node["name"]: node for node in workflow["nodes"]}
    targets = {to["node"] for each in workflow["connections"].values() for way in each["main"] for to in way}
    assert targets | {"By hand"} == set(nodes) and set(workflow["connections"]) <= set(nodes)
    paths = desk.http.get("/openapi.json").json["paths"]
    asked = [node["parameters"] for node in nodes.values() if node["type"].endswith("httpRequest")]
    assert [each["url"].split("/", 3)[3] for each in asked] == ["batch/start", "batch/status"]
    assert all(each["method"].lower() in paths["/" + each["url"].split("/", 3)[3]] for each in asked)
    fields = desk.documented()["paths"]["/batch/start"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(json.loads(asked[0]["jsonBody"])) <= set(fields["properties"])
