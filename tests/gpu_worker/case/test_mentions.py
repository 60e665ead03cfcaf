"""Who is named in a sentence, and no more than the name."""

import pytest

from gpu_worker.case.cues import read_cues
from gpu_worker.case.mentions import find_mentions


@pytest.mark.parametrize(
    ("sentence", "names"),
    [("On Sunday Thomas Hale did not come.", ["Thomas Hale"]),
     ("Thomas Hale da ja nicht.", ["Thomas Hale"]),
     ("Maria da Silva wrote it.", ["Maria da Silva"])],
)  # fmt: skip
def test_a_particle_belongs_to_a_name_only_before_another_of_its_words(sentence: str, names: list[str]):
    assert [each.name.words for each in find_mentions(sentence) if each.name.form == "full"] == names


def test_the_no_of_a_number_denies_nothing():
    assert "denies" not in read_cues("Case No. 24FL00117") and "denies" in read_cues("There was no. 5 of it: no more.")
