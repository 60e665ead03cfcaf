"""What the front desk says to a file that it does not take: one code, and what to do."""

from inspector.kinds import TAKEN, kind_named
from tests.control_plane.desk import Desk
from tests.inspector_cases import CASES


def test_every_refusal_at_the_door_has_its_code(desk: Desk):
    refused = [case for case in CASES if case[2] is None or kind_named(case[2]) not in TAKEN]
    for name, head, kind in refused:
        reply = desk.upload(head, "file.pdf")
        expected = (415, "unsupported_type") if head else (400, "empty_file")
        assert (reply.status_code, reply.json["code"]) == expected, name
        assert kind is None or kind_named(kind).advice in reply.json["message"], name
    assert desk.keys() == []
