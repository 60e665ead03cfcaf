"""Two houses over one database and one bucket, as behind a balancer: whoever comes to the one was at the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk
from tests.control_plane.people import accept, bearer, invite, join, session_of, sign_in


@pytest.fixture
def droplets(clean_cloud: Cloud) -> tuple[Desk, Desk]:
    return make_desk(clean_cloud), make_desk(clean_cloud)


def test_who_came_in_at_one_is_in_at_the_other_and_out_at_both(droplets: tuple[Desk, Desk]) -> None:
    one, two = droplets
    dana = accept(two, "Dana", *invite(one, "Dana", "owner"))
    code = dana.code()
    session = session_of(sign_in(one, dana, code))
    assert two.http.get("/api/jobs", headers=bearer(session)).status_code == 200
    assert sign_in(two, dana, code).status_code != 303, "a code is good once, wherever"
    assert two.http.post("/api/me/sign-out", headers=bearer(session)).status_code == 200
    assert one.http.get("/api/jobs", headers=bearer(session)).status_code == 401


def test_guesses_at_a_password_are_counted_together(droplets: tuple[Desk, Desk]) -> None:
    person = join(droplets[0], "Dana")
    answers = [sign_in(droplets[number % 2], person, password="a wrong guess").status_code for number in range(12)]
    assert 429 in answers, answers


def test_a_file_that_comes_to_both_at_once_is_one_document(droplets: tuple[Desk, Desk]) -> None:
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda desk: desk.upload(PDF), droplets))
    assert {reply.status_code for reply in sent} <= {200, 201}
    assert len({reply.json["document_id"] for reply in sent}) == 1
    assert droplets[0].sql("select count(*) from master_document_registry") == [(1,)]
