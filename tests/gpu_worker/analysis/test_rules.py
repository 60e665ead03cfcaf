"""What rules extract from a document, and what they leave unsaid."""

import importlib.util
from pathlib import Path

import pytest

from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material, Page
from gpu_worker.analysis.rules import analyse_text
from gpu_worker.analysis.rules.analyst import analyse_texts
from gpu_worker.analysis.rules.case_numbers import find_case_number, find_court
from gpu_worker.analysis.rules.parties import find_parties
from scripts import make_sample_documents as samples


def analyse(*texts: str):
    return analyse_texts(texts)


@pytest.mark.parametrize(
    ("texts", "document_type", "document_date"),
    [
        (samples.CUSTODY_ORDER, "custody_order", "2024-05-09"),
        (samples.REQUEST_FOR_ORDER, "motion", "2024-03-14"),
        (samples.DECLARATION, "declaration", "2024-04-02"),
        (samples.POLICE_REPORT, "police_report", "2024-02-18"),
        ((samples.LETTER,), "letter", "2024-04-22"),
        ((samples.RECEIPT,), "receipt", "2024-03-01"),
        ((samples.SCHOOL_NOTE,), "school_record", "2024-01-08"),
        ((samples.MESSAGES,), "text_messages", "2024-01-10"),
        (("Nothing in particular.",), "other", None),
    ],
)
def test_type_and_date_of_the_sample_documents(texts, document_type, document_date):
    analysis = analyse(*texts)
    assert (analysis.document_type, analysis.document_date) == (document_type, document_date)


def test_case_court_and_people_of_an_order():
    analysis = analyse(*samples.CUSTODY_ORDER)
    assert analysis.case_number == "FL-2024-018274"
    assert analysis.court == "SUPERIOR COURT OF CALIFORNIA, COUNTY OF ALDER"
    roles = {party.name.title(): party.role for party in analysis.parties}
    assert roles == {
        "Nora Hale": "minor child",
        "Elena Marquez": "petitioner", "Thomas Hale": "respondent", "Patricia Okafor": "judge",
    }
    assert any("$620.00" in fact for fact in analysis.key_facts)


def test_rules_judge_nothing():
    analysis = Judging(Material("a.pdf", "application/pdf", tuple(map(Page, samples.DECLARATION)))).plain
    assert analysis.analyst == "rules"
    judged = {(claim.kind, claim.role) for claim in analysis.claims if claim.kind in ("finding", "score")}
    assert judged <= {("score", "relevancy_score")}


def test_document_without_text_has_no_relevancy_and_no_words_put_in_its_mouth():
    analysis = analyse("", "")
    assert (analysis.relevancy_score, analysis.summary, analysis.document_type) == (0, "", "other")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on March 3rd, 2021", ["2021-03-03"]),
        ("this 4th day of July 2020", ["2020-07-04"]),
        ("12/31/99 and 31/12/2001", ["1999-12-31", "2001-12-31"]),
        ("2024-02-30 is no day, 2024-02-29 is", ["2024-02-29"]),
        ("Sept. 5, 2019", ["2019-09-05"]),
        ("this 3rd day of May, two thousand and twenty-one", ["2021-05-03"]),
        ("a veintiocho de febrero de dos mil veinte", ["2020-02-28"]),
        ("July the 4th, 2020", ["2020-07-04"]),
        ("June l5, 2020", ["2020-06-15"]),
    ],
)
def test_dates(text, expected):
    assert list(analyse_text(text).dates) == expected


def test_birthday_and_hearing_are_not_the_documents_date():
    text = "DOB: 01/02/2015. Hearing date: May 6, 2024. Some words. Filed: April 1, 2024."
    assert analyse_text(text).document_date == "2024-04-01"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Case No. 2:19-cv-01234-ABC", "2:19-cv-01234-ABC"),
        ("Cause Number: 23-D-1187", "23-D-1187"),
        ("Docket # FM-02-1234-21", "FM-02-1234-21"),
        ("In any case, nothing was numbered", None),
    ],
)
def test_case_numbers(text, number):
    assert find_case_number(text) == number


def test_court_in_passing_is_no_caption():
    assert find_court("The parties were referred to family court.") is None


def test_mail_has_sender_and_recipient():
    parties = find_parties("From: Amara Osei\nTo: Elena Marquez\nSubject: records\n", "email")
    assert {party.name: party.role for party in parties} == {"Amara Osei": "sender", "Elena Marquez": "recipient"}


def test_sample_documents_in_the_folder_are_what_the_script_makes(tmp_path):
    # The samples are what people are shown; labelled sets live in tests/evidence.
    folder = Path(importlib.util.find_spec("scripts.make_sample_documents").origin).parents[1] / "tests" / "documents"
    samples.main(tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {path.name for path in folder.iterdir()} - {"README.md"}
    for name in ("request_for_order.pdf", "password_protected.pdf", "text_messages.txt", "blank_pages.pdf"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("text", "document_date"),
    [
        ("The Honourable Justice Petro      October 7, 2019\n1. THIS COURT ORDERS THAT he stays.", "2019-10-07"),
        ("ARGUED APRIL 5, 2016 - DECIDED MAY 24, 2016\nOPINION", "2016-05-24"),
        ("Printed 01/27/2023 11:02 AM\nReport card\n09/14/2022   Tardy\n10/03/2022   Absent", "2023-01-27"),
        ("PROOF OF SERVICE\na. Date: 11/16/2022   b. Time: 6:40 p.m.\nDate: 11/18/2022", "2022-11-18"),
        ("SUBPOENA\nDate: May 14, 2021  Time: 8:30 a.m.  Dept.: 63\nDate issued: April 26, 2021", "2021-04-26"),
        ("DECLARATION\nI, Ada Holt, declare: on April 18, 2021 he came late.", None),
        ("CERTIFICATE OF COMPLETION\nAda Holt has completed the class February 29, 2020", "2020-02-29"),
    ],
)
def test_own_date_stands_apart_from_what_is_told(text, document_date):
    assert analyse_text(text).document_date == document_date


def test_three_days_of_one_week_tell_the_day_from_the_month():
    steps = "Collected: 12/06/2022\nReceived: 12/07/2022\nReported: 12/09/2022"
    assert list(analyse_text(steps).dates) == ["2022-12-06", "2022-12-07", "2022-12-09"]
    assert analyse_text("06/07/2022 came\n09/07/2022 came").dates == ()  # two may be so by chance


@pytest.mark.parametrize(
    ("heading", "document_type"),
    [
        ("ORDER ON FATHER'S MOTION FOR MAKE-UP TIME", "court_order"),
        ("DECLARATION IN SUPPORT OF REQUEST FOR ORDER", "declaration"),
        ("INTERIM MONTHLY INCOME ALLOCATION ORDER", "court_order"),
        ("STATEMENT OF GERALDINE FOSS", "declaration"),
        ("STATEMENT OF ACCOUNT", "financial_record"),
        ("INTERLOCUTOR", "court_order"),
    ],
)
def test_heading_is_of_its_noun_not_of_what_it_speaks_of(heading, document_type):
    assert analyse_text(heading).document_type == document_type


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("OPINION\nCourt of Appeal\nA159922\n(Sonoma County Super. Ct. No. SFL-77120)", "A159922"),
        ("Family Court\nFile #: 188214\nDocket #: V-11843-20/21B", "V-11843-20/21B"),
        ("Superior Court\nPETITIONER: Ada Holt    CASE NUMBER:\nRESPONDENT: Ian Holt    RIF1904482\n", "RIF1904482"),
        ("CUSTODY ORDER          Case No. JJ044182-03-00\nCourt", "JJ044182-03-00"),
        ("WITHHOLDING ORDER\nCourt\nCase Identifier: 190066412", None),
        ("POLICE DEPARTMENT\nINCIDENT REPORT   Case #: MP23-061144", None),
    ],
)
def test_number_is_the_courts_own_wherever_it_stands(text, number):
    assert analyse_text(text).case_number == number


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RESPONDENT/DEFENDANT: Dominic Farrow", ["Dominic Farrow"]),
        ("SUPERIOR COURT, COUNTY OF LOS ANGELES\nPLAINTIFF/PETITIONER: Ingrid Solheim", ["Ingrid Solheim"]),
        ("Surname / Nom: BRANDT\nGiven Names / Prénoms: ANNELIESE", ["Anneliese Brandt"]),
        ("Received by Bayou Process Service", []),
        ("Family: Dwight and Carla Emmons", ["Dwight Emmons", "Carla Emmons"]),
        ("Deputy: M. Ruelas #4471", ["M. Ruelas"]),
        ("To: 'Patrick Huang'", ["Patrick Huang"]),
        ("ST AIDAN'S C OF E SCHOOL", []),
    ],
)
def test_people_where_they_stand(text, names):
    assert [party.name for party in find_parties(text)] == names
