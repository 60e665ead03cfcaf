"""Search finds words on their page and passages by meaning, and fuses the two by rank."""

import math

import psycopg
import pytest
from supabase import create_client

from scripts.bench.search_cost import QUESTIONS, count_blocks, fill
from tests.queue.claims import new_analysis
from tests.queue.queue_calls import new_file, new_result


@pytest.fixture
def publish(queue, machine):
    """Completes a document with these pages; returns its id."""

    def run(*pages: str, filename: str = "scan.pdf", chunks: list | None = None, **analysis):
        queue.enqueue(new_file(original_filename=filename))
        job = machine.claim_one()
        said = next((page.strip()[:40] for page in pages if page.strip()), None)
        found = new_analysis(said, **{"document_type": "letter", "relevancy_score": 10, **analysis})
        changes = {"text": "\f\n".join(pages), "chunks": chunks or [], "analysis": found}
        machine.complete(job, new_result(job, pages_total=max(len(pages), 1), **changes))
        return job["document_id"]

    return run


@pytest.fixture
def search(queue):
    def run(query: str, **arguments):
        queue.index()
        return queue.service("search_documents", query=query, **arguments)

    return run


def near(direction: int, sideways: float = 0.0) -> list[float]:
    """A unit vector along one axis, turned a little towards the last one."""
    vector = [0.0] * 384
    vector[direction], vector[-1] = math.cos(sideways), math.sin(sideways)
    return vector


def chunk(text: str, embedding: list[float], page: int = 1) -> dict:
    return {"page": page, "text": text, "embedding": embedding}


def test_a_word_is_found_on_its_page_with_its_surroundings(publish, search):
    publish("Nothing here.", "Nor here.")
    wanted = publish("A first page.", "The respondent failed to return the children on Sunday.", "A last page.")
    (hit,) = search("children")
    assert (hit["document_id"], hit["page"], hit["matched"]) == (wanted, 2, "words")
    assert "failed to return the children" in hit["snippet"]


def test_letters_that_were_taken_for_another_word_are_found_and_shown_as_such(queue, machine, search):
    """Where the choice was wrong, the document is found by what stands on the paper."""
    queue.enqueue(new_file())
    job = machine.claim_one()
    text = "The first page.\f\nSigned by lindley today."
    result = new_result(job, pages_total=2, text=text, analysis=new_analysis("The first page."))
    read = [{"start": 10, "text": "lindley", "read": "lindsley"}, {"start": 18, "text": "today", "read": "tcday"}]
    result["pages"][1]["rereadings"] = read
    machine.complete(job, result)
    (hit,) = search("lindsley")
    assert (hit["document_id"], hit["page"], hit["matched"]) == (job["document_id"], 2, "words")
    assert hit["snippet"] == "By its letters: lindsley tcday"
    (hit,) = search("lindley")
    assert (hit["page"], hit["snippet"].strip()) == (2, "Signed by lindley today.")


@pytest.mark.parametrize(
    "query", ["returning child", '"failed to return"', "children -dogs", "FAILED children", "O'Brien", "FL-2024-0117"]
)
def test_people_may_type_as_they_do_in_a_web_search(publish, search, query):
    wanted = publish("In case FL-2024-0117 Mr. O'Brien failed to return the children.")
    publish("The dogs and the children of somebody else, and another case FL-2024-0999.")
    assert search(query)[0]["document_id"] == wanted


@pytest.mark.parametrize("query", ["", "   ", "zebra", '"return failed"', "the", "!&|(", "\\", "' OR 1=1 --"])
def test_what_is_not_there_is_not_found(publish, search, query):
    publish("He failed to return.")
    assert [hit for hit in search(query) if query not in ("the", "' OR 1=1 --")] == []


def test_an_excluded_word_excludes(publish, search):
    wanted = publish("The children came.")
    publish("The children came with dogs.")
    publish("Neither.")
    assert [hit["document_id"] for hit in search("children -dogs")] == [wanted]


def test_a_name_in_the_title_or_among_the_parties_is_found(publish, search):
    by_title = publish("Blah.", filename="smith_v_jones-2024.pdf")
    by_party = publish("Blah.", parties=[{"name": "Ada Lovelace", "role": "witness"}])
    assert [hit["document_id"] for hit in search("jones")] == [by_title]
    assert [hit["document_id"] for hit in search("lovelace")] == [by_party]


def test_all_the_words_come_before_some_of_them(publish, search):
    some = publish("A declaration about custody.", "And one page on perjury.")
    every = publish("A declaration about custody and perjury.")
    assert [hit["document_id"] for hit in search("custody perjury")] == [every, some]


def test_words_at_the_end_of_a_long_page_and_across_a_cut_are_found(publish, search):
    filler = "lorem ipsum " * 82 + "xx "
    wanted = publish(filler + "unmistakable " + filler * 30 + "finalword")
    assert 980 < len(filler) < 1000
    for query in ("unmistakable", "finalword"):
        assert [hit["document_id"] for hit in search(query)] == [wanted]
        assert query in search(query)[0]["snippet"]


def test_a_passage_is_found_by_its_meaning_alone(publish, search):
    publish("Money.", chunks=[chunk("About money", near(1))])
    wanted = publish("Kids.", chunks=[chunk("About kids", near(2, 0.1), page=1), chunk("Other", near(3))])
    hit = search("offspring", embedding=near(2))[0]
    assert (hit["document_id"], hit["matched"], hit["page"], hit["snippet"]) == (wanted, "meaning", 1, "About kids")


def test_a_document_found_both_ways_comes_first(publish, search):
    words = publish("Offspring here.", chunks=[chunk("far", near(9))])
    both = publish("Offspring there.", chunks=[chunk("near", near(2, 0.2))])
    meaning = publish("Nothing.", chunks=[chunk("nearest", near(2))])
    hits = search("offspring", embedding=near(2))
    assert hits[0]["document_id"] == both
    assert {hit["document_id"]: hit["matched"] for hit in hits[:3]}[both] == "both"
    assert {hit["document_id"] for hit in hits} == {words, both, meaning}
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_the_more_often_the_words_stand_there_the_earlier_a_document_comes(publish, search):
    """Six of them: no order by chance, such as that of random ids, is this one."""
    often = {publish(" ".join(["custody"] * n + ["lorem"] * (12 - n))): n for n in (2, 6, 1, 5, 3, 4)}
    assert [often[hit["document_id"]] for hit in search("custody")] == [6, 5, 4, 3, 2, 1]


def test_the_nearer_the_meaning_the_earlier_a_document_comes(publish, search):
    far = {publish("Blah.", chunks=[chunk("kids", near(2, 0.2 * n))]): n for n in (2, 6, 1, 5, 3, 4)}
    assert [far[hit["document_id"]] for hit in search("offspring", embedding=near(2))] == [1, 2, 3, 4, 5, 6]


def test_meaning_and_words_each_lift_what_stands_last_by_the_other(publish, search):
    """With one of the two left out of the rank, the lifted document comes last instead of first."""
    for _ in range(3):
        publish("custody " * 9)
    by_words_last = publish("custody" + " lorem" * 8, chunks=[chunk("nearest", near(2))])
    assert search("custody")[-1]["document_id"] == by_words_last
    assert search("custody", embedding=near(2))[0]["document_id"] == by_words_last

    for _ in range(3):
        publish("Blah.", chunks=[chunk("nearest", near(3))])
    by_meaning_last = publish("An affidavit.", chunks=[chunk("farther", near(3, 0.5))])
    assert search("zebra", embedding=near(3))[-1]["document_id"] == by_meaning_last
    assert search("affidavit", embedding=near(3))[0]["document_id"] == by_meaning_last


def test_filters_narrow_both_kinds_of_search(publish, search):
    old = publish("A motion.", document_type="motion", document_date="2020-01-01", chunks=[chunk("a", near(2))])
    new = publish(
        "A motion.",
        document_type="order",
        document_date="2024-01-01",
        relevancy_score=900,
        chunks=[chunk("b", near(2))],
    )
    for embedding in (None, near(2)):
        for filters, wanted in (
            ({"document_type": "motion"}, {old}),
            ({"min_relevancy": 500}, {new}),
            ({"date_from": "2023-01-01"}, {new}),
            ({"date_to": "2023-01-01"}, {old}),
            ({"source": "telegram"}, set()),
            ({}, {old, new}),
        ):
            hits = search("motion", filters=filters, embedding=embedding)
            assert {hit["document_id"] for hit in hits} == wanted, filters


def test_a_second_run_replaces_what_the_first_had_indexed(queue, machine, publish, search):
    document = publish("Wrongly read words.")
    queue.rows("update document_repository set text = 'Rightly read words.' where document_id = %s", document)
    assert search("wrongly") == []
    assert len(search("rightly")) == 1


def test_no_more_than_asked_for(publish, search):
    for _ in range(5):
        publish("Everywhere.")
    assert len(search("everywhere", max_results=3)) == 3


@pytest.mark.parametrize(
    "arguments", [{"max_results": 0}, {"max_results": 201}, {"embedding": [1.0]}, {"filters": {"date_from": "soon"}}]
)
def test_a_senseless_search_is_refused(publish, search, arguments):
    publish("Some words.")
    with pytest.raises(psycopg.Error) as refusal:
        search("words", **arguments)
    assert refusal.value.sqlstate == "AS006"


def test_search_over_http_takes_the_embedding_as_plain_json(clean_cloud, publish):
    wanted = publish("Some words.", chunks=[chunk("near", near(2))])
    service = create_client(clean_cloud.supabase_url, clean_cloud.service_key)
    service.rpc("index_texts", {}).execute()
    hits = service.rpc("search_documents", {"query": "words", "embedding": near(2), "max_results": 5}).execute().data
    assert [(hit["document_id"], hit["matched"]) for hit in hits] == [(str(wanted), "both")]


# What a person may type, and how documents may have written it -----------------------------------------------


def found(hits: list[dict]) -> list:
    return [hit["document_id"] for hit in hits]


def test_a_rare_word_outweighs_a_common_one_that_stands_more_often(publish, search):
    for _ in range(6):
        publish("custody custody custody custody lorem")
    wanted = publish("perjury ipsum dolor sit amet")
    assert found(search("custody perjury"))[0] == wanted


def test_words_in_a_short_passage_outweigh_the_same_in_a_long_one(publish, search):
    lengths = {publish("custody " + " ".join("abcdefghijklmnop"[:n])): n for n in (8, 2, 16, 0, 4)}
    assert [lengths[document] for document in found(search("custody"))] == [0, 2, 4, 8, 16]


@pytest.mark.parametrize("typed", ["5 March 2024", "2024-03-05", "03/05/2024", "March 5th, 2024", "5 de marzo de 2024"])
@pytest.mark.parametrize(
    "written",
    ["5 March 2024", "2024-03-05", "03/05/2024", "3/5/24", "05MAR24", "el 5 de marzo de 2024", "Mar. 5, 2024"],
)
def test_a_day_is_found_however_it_is_written(publish, search, typed, written):
    wanted = publish(f"It took place on {written} in the yard.")
    publish("It took place on 6 March 2024; 5 March 2023; 24 May 2003 in room 3, 5 or 2024.")
    assert found(search(typed)) == [wanted]


def test_the_order_of_day_and_month_is_decided_by_the_document(publish, search):
    european = publish("Served on 05/03/2024.", "Heard on 25/03/2024.")
    american = publish("Served on 05/03/2024.", "Heard on 03/25/2024.")
    unclear = publish("Served on 05/03/2024.")
    assert found(search("5 March 2024")) == [european, unclear]
    assert found(search("May 3, 2024")) == [american, unclear]


def test_a_day_without_its_year_follows_those_with_it(publish, search):
    calendar = publish("Calendar 2023: July 19 exchange.")
    dated = publish("Signed on July 19, 2023.")
    publish("Signed on July 19, 2022.")
    assert found(search("07/19/2023")) == [dated, calendar]


@pytest.mark.parametrize("typed", ["$1,250.00", "1250", "$1250", "1,250"])
@pytest.mark.parametrize("written", ["$1,250.00", "1250", "1,250", "1.250,00"])
def test_an_amount_is_found_however_it_is_written(publish, search, typed, written):
    wanted = publish(f"He paid {written} in cash.")
    publish("He paid 1.25 and 250.00 and 12,500 in cash.")
    assert found(search(typed)) == [wanted]


@pytest.mark.parametrize("typed", ["FL-2024-001", "FL 2024 001", "fl2024001", "FL/2024/001"])
@pytest.mark.parametrize("written", ["FL-2024-001", "FL 2024 001", "FL2024001", "FL-2024/001"])
def test_a_case_number_is_found_with_or_without_what_parts_it(publish, search, typed, written):
    wanted = publish(f"Case {written}, order.")
    publish("Case FL-2024-010, order. FL 2024, page 001.")
    assert found(search(typed)) == [wanted]


def test_a_number_is_never_answered_by_another_one(publish, search):
    publish("Case FCS058871, unit B-270.", chunks=[chunk("near", near(2))])
    assert search("FCS058817", embedding=near(2)) == search("B-207", embedding=near(2)) == []
    assert search("order FCS058817", embedding=near(2)) == []


@pytest.mark.parametrize("typed", ["beneddeti", "Bennedetti", "Benedetty", "benedeti", "bendeetti"])
def test_a_misspelled_word_is_found(publish, search, typed):
    wanted = publish("Social worker Benedetti came.")
    publish("Social worker Bernardi came.")
    assert found(search(typed)) == [wanted]


def test_two_letters_of_a_short_word_may_be_swapped(publish, search):
    wanted = publish("He seldom came.")
    assert found(search("sedlom")) == [wanted]


def test_a_word_that_stands_so_comes_before_one_spelled_nearly_so(publish, search):
    nearly, exactly = publish("Mr. Prentiss came."), publish("Mr. Prentis came.")
    assert found(search("prentis")) == [exactly, nearly]


def test_a_word_in_which_ocr_read_a_digit_is_found(publish, search):
    wanted = publish("Dixon Po1ice lNC1DENT")
    assert found(search("police")) == found(search("incident")) == [wanted]


def test_accents_and_apostrophes_need_not_be_typed(publish, search):
    wanted = publish("La señora Núñez O’Brien recogerá a los niños.")
    for typed in ("ninos", "niños", "nunez", "o'brien", "recogera"):
        assert found(search(typed)) == [wanted], typed


# What is promised holds in every lane --------------------------------------------------------------------------


def test_a_phrase_stands_so_in_every_document_found(publish, search):
    wanted = publish("Under penalty of perjury he swore.", "Another page about custody.")
    publish("A penalty, and of perjury nothing, about custody.", chunks=[chunk("near", near(2))])
    publish("Penalties of perjury.")
    assert found(search('"penalty of perjury"', embedding=near(2))) == [wanted]
    assert found(search('custody "penalty of perjury"', embedding=near(2))) == [wanted]


def test_an_excluded_word_stands_nowhere_in_a_document_found(publish, search):
    wanted = publish("The arrest of a treasurer; it crowells.", chunks=[chunk("near", near(2))])
    publish("The arrest.", "A second page names Crowell.", chunks=[chunk("near", near(2))])
    publish("Crowell alone.", chunks=[chunk("near", near(2))])
    publish("An arrest at the swim club.", chunks=[chunk("near", near(2))])
    assert found(search('arrest -Crowell -"swim club"', embedding=near(2))) == [wanted]


def test_what_is_excluded_takes_no_place_among_the_nearest(queue, publish, search):
    excluded, wanted = publish("Crowell."), publish("Someone.", chunks=[chunk("far", near(2, 0.3))])
    queue.rows("insert into document_embeddings select %s, n, 1, 'near', %s::extensions.vector"
               " from generate_series(1, 250) n", excluded, str(near(2)))  # fmt: skip
    assert found(search("zebra -crowell", embedding=near(2))) == [wanted]


def test_meaning_is_asked_only_where_words_are_not_enough(publish, search):
    by_words = publish("An affidavit.")
    by_meaning = publish("Blah.", chunks=[chunk("near", near(2))])
    assert found(search("affidavit", embedding=near(2))) == [by_words, by_meaning]
    assert found(search("affidavit", embedding=near(2), max_results=1)) == [by_words]
    assert search("affidavit", embedding=near(2), max_results=1)[0]["matches"] == 1
    assert search("5 March 2024", embedding=near(2)) == []


# Cuts come after the filters, and are said ---------------------------------------------------------------------


@pytest.fixture
def crowd(queue):
    """Two documents of 1,600 passages of one word each; the second one is an order, and its passages are as near."""
    queue.rows("alter table document_repository disable trigger document_repository_index")
    queue.enqueue(new_file(), new_file())
    first, second = (row["id"] for row in queue.rows("select id from master_document_registry order by seq"))
    queue.rows("update master_document_registry set document_type = 'order', relevancy_score = 9 where id = %s", second)
    for document in (first, second):
        queue.rows("insert into document_repository (document_id, text) values (%s, 'everywhere')", document)
        queue.rows(
            "insert into document_passages select %s, n, 1, 1, private.search_vector('everywhere', null)"
            " from generate_series(1, 1600) n",
            document,
        )
        queue.rows(
            "insert into document_embeddings select %s, n, 1, 'near', %s::extensions.vector"
            " from generate_series(1, 250) n",
            document,
            str(near(2)),
        )
    queue.rows("alter table document_repository enable trigger document_repository_index")
    return first, second


@pytest.mark.parametrize("filters", [{"document_type": "order"}, {"min_relevancy": 5}])
def test_what_the_filters_leave_is_found_behind_any_number_of_others(crowd, search, filters):
    _, order = crowd
    assert found(search("everywhere", filters=filters)) == [order]
    assert found(search("zebra", embedding=near(2), filters=filters)) == [order]


def test_what_was_not_looked_at_is_said(crowd, publish, search):
    assert {hit["capped"] for hit in search("everywhere")} == {True}
    for _ in range(3):
        publish("A rare one.")
    hits = search("rare", max_results=2)
    assert [(hit["matches"], hit["capped"]) for hit in hits] == [(3, False)] * 2


def test_what_is_excluded_takes_no_place_among_those_that_are_ranked(crowd, queue, publish, search):
    queue.rows("update document_passages set search = search || private.search_vector('zebra', null)")
    wanted = publish("Everywhere.")
    assert found(search("everywhere -zebra")) == [wanted]


def test_how_much_was_looked_at_is_said_where_nothing_was_found(crowd, queue, search):
    first, _ = crowd
    assert not search('"beta alpha"') and queue.service("search_is_cut", query='"beta alpha"') == [{"is_cut": False}]
    queue.rows(
        "insert into document_passages select %s, n, 1, 1, private.search_vector('alpha beta', null)"
        " from generate_series(2000, 22000) n",
        first,
    )
    assert not search('"beta alpha"') and queue.service("search_is_cut", query='"beta alpha"') == [{"is_cut": True}]
    assert queue.service("search_is_cut", query="zebra") == [{"is_cut": False}]


def test_a_search_goes_by_the_index_however_large_the_table(clean_cloud):
    """As in a table of a million passages, where reading the first of them looks cheaper than asking the index."""
    most = {"a word that is not there": 110, "a word in one passage": 440, "a word in one of 1,000": 1_650,
            "a misspelled word": 1_650, "a common word in one case": 3_300}  # fmt: skip
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as owner:
        owner.execute("reindex table master_document_registry")  # a level deeper after a test that filled it
        fill(owner, 20_000)
        owner.execute("set random_page_cost = 100")
        blocks = {question: count_blocks(owner, *QUESTIONS[question])[0] for question in most}
    assert {question: n for question, n in blocks.items() if n > most[question]} == {}


def test_of_a_common_word_a_thousand_matches_are_ranked(queue, search):
    queue.rows("insert into master_document_registry (id, object_key, original_filename, source)"
               " select gen_random_uuid(), 'raw/' || n, 'a.pdf', 'upload' from generate_series(1, 1200) n")  # fmt: skip
    queue.rows(
        "insert into document_passages"
        " select id, 1, 1, 1, private.search_vector('everywhere', null) from master_document_registry"
    )
    hits = search("everywhere")
    assert (len(hits), hits[0]["matches"], hits[0]["capped"]) == (20, 1000, True)


def test_a_completed_document_is_found_once_the_sweep_has_come_by_and_waits_for_it_whatever_happens(queue, machine):
    """No completion makes an index; a sweep that ends in the middle has lost nothing."""
    (entered,) = queue.enqueue(new_file())
    job = machine.claim_one()
    machine.complete(job, new_result(job, text="The marmalade was bitter.", analysis=new_analysis()))
    assert queue.service("search_documents", query="marmalade") == []
    with queue.connect() as connection:
        with connection.transaction(force_rollback=True):  # it dies before it has committed
            assert queue.as_role("service_role", "index_texts", connection=connection)[0]["indexed"] == 1
            assert queue.service("index_texts") == [{"indexed": 0, "waiting": False}], "one at a time"
        with connection.transaction():  # somebody is at work on the document
            queue.as_role("service_role", "index_texts", connection=connection)
    found = queue.service("search_documents", query="marmalade")
    assert [hit["document_id"] for hit in found] == [entered["document_id"]]
    assert queue.rows("select * from unindexed_texts") == []


def test_a_text_that_somebody_works_on_is_indexed_the_next_time(queue, machine):
    queue.enqueue(new_file())
    machine.complete(machine.claim_one())
    with psycopg.connect(queue.owner_url) as other:
        other.execute("select from master_document_registry for no key update")
        assert queue.service("index_texts") == [{"indexed": 0, "waiting": False}]
    assert queue.service("index_texts") == [{"indexed": 1, "waiting": False}]


def test_a_text_that_the_index_cannot_take_keeps_no_other_out_and_people_are_told(queue, machine, search):
    queue.enqueue_many(2)
    jobs = machine.claim(max_jobs=2)
    machine.complete(jobs[0], new_result(jobs[0], text="The marmalade.", analysis=new_analysis()))
    machine.complete(jobs[1], new_result(jobs[1], text="The lemonade.", analysis=new_analysis()))
    queue.rows("alter table document_passages add constraint refuses check (not search @@ 'marmalad')")
    try:
        assert [hit["document_id"] for hit in search("lemonade")] == [jobs[1]["document_id"]]
        assert queue.row("select fault from unindexed_texts")["fault"] == "23514"
    finally:
        queue.rows("alter table document_passages drop constraint refuses")
    alarm = queue.row("select name, about, message from alarms")
    assert (alarm["name"], alarm["about"]) == ("text_unindexed", str(jobs[0]["document_id"]))
    assert "marmalade" not in alarm["message"]
    queue.rows("update document_repository set text = 'The marmalade, read again.' where text = 'The marmalade.'")
    assert [hit["document_id"] for hit in search("marmalade")] == [jobs[0]["document_id"]]
