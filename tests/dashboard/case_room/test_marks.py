"""Words that a person marks over the real control plane: among statements and events, whatever is read again."""

from dataclasses import dataclass

import pytest

from local_cloud import Cloud
from tests.control_plane.desk import Desk
from tests.dashboard.case_room.case import draw_case, sweep_case
from tests.dashboard.case_room.conftest import Room

LINE = "Reporting: Dana Hale, mother"


@dataclass
class Log:
    """The police log, whose second line nothing is drawn of as an event."""

    room: Room
    desk: Desk
    cloud: Cloud
    id: str
    people: dict[str, str]

    @property
    def page(self) -> str:
        return f"/reader/{self.id}"

    def mark(self, **said: object) -> str:
        return self.room.send(self.page, f"{self.page}/mark-words", **said)

    def marks(self) -> list[dict]:
        return self.desk.get(f"/api/documents/{self.id}").json["judgement"]["marks"]

    def events(self) -> list[dict]:
        return self.desk.get("/api/case/events", document_id=self.id, state="true").json["events"]

    def read_again(self, old: str, new: str) -> None:
        self.desk.sql("update document_repository set text = replace(text, %s, %s) where document_id = %s",
                      old, new, self.id)  # fmt: skip
        sweep_case(self.cloud)


@pytest.fixture
def log(room: Room, desk: Desk, clean_cloud: Cloud) -> Log:
    ids = draw_case(desk, clean_cloud)
    people = {each["name"]: each["id"] for each in desk.get("/api/case/people").json["people"]}
    return Log(room, desk, clean_cloud, ids["police_log.pdf"], people)


def test_an_event_of_marked_words_stays_where_its_paper_is_read_again(log: Log):
    dana = log.people["Dana Hale"]
    said = log.mark(line_from=2, title="The mother calls", day="2024-04-08", hour="07:30", people=[dana])
    assert "It stands among the events." in said and "Marked by people (1)" in said
    page = log.room.open(f"/events?person_id={dana}")
    assert "The mother calls" in page and f"“{LINE}”" in page and "7:30 a.m." in page and "true, says owner" in page
    (mark,) = log.marks()
    (event,) = log.events()
    assert event["id"] == mark["id"] and [each["id"] for each in event["people"]] == [dana]
    before = event["tellers"][0]["start"]

    log.read_again("CHICO", "CITY OF CHICO")
    (event,) = log.events()
    assert (event["id"], event["title"], event["starts"]) == (mark["id"], "The mother calls", "2024-04-08T07:30:00")
    assert event["tellers"][0]["start"] == before + len("CITY OF "), "its words are lit where they stand now"
    log.read_again(LINE, "Rep0rting")
    assert log.marks()[0]["stands"] is False and "no longer on the page" in log.room.open(log.page)
    assert len(log.events()) == 1, "a person's word stays"

    assert "taken away" in log.mark(end=mark["id"]) and log.events() == []
    last = log.desk.get("/api/decisions", document_id=log.id).json["decisions"][0]
    assert (last["names"], last["decided_by"]) == (["mark"], "owner")
    log.desk.post(f"/api/decisions/{last['id']}/undo")
    assert [each["id"] for each in log.events()] == [mark["id"]], "and is back when that is undone"


def test_a_statement_of_selected_words_is_somebody_s(log: Log):
    dana = log.people["Dana Hale"]
    start = log.desk.get(f"/api/documents/{log.id}/pages/1").json["text"].index("Reporting")
    said = log.mark(start=start, length=len("Reporting: Dana"), speaker_id=dana)
    assert "It stands among the statements." in said and "A statement of Dana Hale" in said
    assert "“Reporting: Dana”" in log.room.open(f"/people/{dana}")
    assert log.events() == [] and log.marks()[0]["event"] is None


def test_what_cannot_be_marked_is_said(log: Log):
    assert "Select words" in log.mark(day="2024-04-08") and "Select words" in log.mark(line_from=99)
    assert "needs the day" in log.mark(line_from=2, hour="07:30")
    assert "ends before it begins" in log.mark(line_from=2, day="2024-04-08", until="2024-04-07")
    path = f"/api/documents/{log.id}/marks"
    good = {"page": 1, "start": 0, "quote": "CHICO"}
    nobody = "6f1c2a9e-0000-4000-8000-000000000000"
    for said, status in (({"start": 1}, 409), ({"page": 9}, 409), ({"speaker_id": nobody}, 404), ({"quote": " "}, 400)):
        assert log.desk.post(path, **{**good, **said}).status_code == status, said
    assert log.desk.http.delete(f"{path}/{nobody}", headers=log.desk.auth).status_code == 404
    assert log.marks() == []
