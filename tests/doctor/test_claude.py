"""What the doctor says of Anthropic: each reason not to answer is another answer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from control_plane.claude.request import known_forms
from control_plane.doctor import claude
from control_plane.doctor.probes import Probe
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.doctor.conftest import codes
from tests.fakes.anthropic_api import FakeAnthropic


@pytest.fixture
def anthropic() -> Iterator[FakeAnthropic]:
    with FakeAnthropic() as fake:
        yield fake


def ask(cloud: Cloud, anthropic: FakeAnthropic, **changes: str) -> list[Probe]:
    settings = Settings.from_env(cloud.control_plane_environ())
    return claude.examine(replace(settings, anthropic_url=anthropic.url, anthropic_api_key=anthropic.key, **changes))


def test_each_kind_of_question_is_asked_as_it_is_of_documents_for_a_cent(cloud: Cloud, anthropic: FakeAnthropic):
    found = ask(cloud, anthropic)
    assert codes(found) == {} and len(found) == len(known_forms()) + 1
    assert [body["max_tokens"] for body in anthropic.requests] == [1] * len(known_forms())
    for body, form in zip(anthropic.requests, known_forms().values(), strict=True):
        assert body["system"][0]["text"] == form.system
        assert body["output_config"]["format"]["schema"] == form.schema
    assert 0 < anthropic.account.bill.total_usd < 0.02


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("no_credit", "claude_no_credit"), ("spend_limit", "claude_no_credit"), ("billing", "claude_no_credit"),
    ],
)  # fmt: skip
def test_an_account_without_credit(cloud: Cloud, anthropic: FakeAnthropic, trouble: str, code: str):
    anthropic.account.trouble = trouble
    assert set(codes([each for each in ask(cloud, anthropic) if each.tried != "batches"]).values()) == {code}


def test_a_wrong_key_a_retired_model_and_an_unknown_one(cloud: Cloud, anthropic: FakeAnthropic):
    settings = Settings.from_env(cloud.control_plane_environ())
    wrong = replace(settings, anthropic_url=anthropic.url, anthropic_api_key="sk-ant-wrong")
    assert set(codes(claude.examine(wrong)).values()) == {"claude_key_refused", "claude_batches_refused"}
    anthropic.account.retired = {settings.claude.quick}
    retired = codes(ask(cloud, anthropic))
    assert set(retired.values()) == {"claude_model_retired"}
    assert all(settings.claude.quick in tried for tried in retired)


def test_what_passes_is_a_warning_and_a_refused_question_is_not(cloud: Cloud, anthropic: FakeAnthropic):
    anthropic.script = ["overloaded", "rate_limited"]
    found = ask(cloud, anthropic)
    assert [each.code for each in found][:2] == ["claude_overloaded", "claude_rate_limited"]
    assert {each.state for each in found[:2]} == {"warning"}


def test_without_a_key_it_is_off_and_without_a_way_there_it_is_away(cloud: Cloud, anthropic: FakeAnthropic):
    off = claude.examine(Settings.from_env(cloud.control_plane_environ()))
    assert [each.state for each in off] == ["off"]
    nowhere = replace(Settings.from_env(cloud.control_plane_environ()), anthropic_url="http://127.0.0.1:9")
    away = codes(claude.examine(replace(nowhere, anthropic_api_key=anthropic.key)))
    assert set(away.values()) == {"claude_away", "claude_batches_refused"}
