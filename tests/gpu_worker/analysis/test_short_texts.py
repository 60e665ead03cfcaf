"""What a text of a few words says: those words, and of an e-mail not its header."""

from gpu_worker.analysis.rules.summary import summarise

HEADER = "From: Marcus <m@example.org>\nTo: Dana <d@example.org>\nDate: Tue, 5 Mar 2024\nSubject: Visit\n"


def test_a_short_e_mail_says_its_words_and_not_who_wrote_them():
    assert summarise(f"{HEADER}\nNo visit on day 2.\n") == "No visit on day 2."
    assert summarise("From: Dana\nNo visit.") == "From: Dana No visit."
    assert summarise(HEADER).startswith("From: Marcus"), "it has nothing else to say"
