"""How a text's letters are written is found by the words that they make; what is broken or guessed is said."""

import pytest

from gpu_worker.words.encodings import decode

RUSSIAN = "Решение от 12 марта. Он не забрал её из школы."
SPANISH = "La señora Márquez llegó tarde a la audiencia del niño."
JAPANESE = "裁判所は子供の親権を母親に与えた。"
QUOTED = "it’s “late” – she said"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (RUSSIAN, "cp1251", "Windows-1251"), (RUSSIAN, "koi8_r", "KOI8-R"), (SPANISH, "cp1252", "Windows-1252"),
        (SPANISH, "mac_roman", "Mac Roman"), (JAPANESE, "cp932", "Shift-JIS"), (QUOTED, "cp1252", "Windows-1252"),
        ("법원은 아이의 양육권을 어머니에게 주었다.", "cp949", "Korean (949)"),
        ("법원은 아이의 양육권을 어머니에게", "utf-8", "UTF-8"), (RUSSIAN, "utf-16-le", "UTF-16"),
        (RUSSIAN, "cp866", "DOS Cyrillic (866)"),
        (RUSSIAN, "utf-16-be", "UTF-16"), (SPANISH, "utf-8-sig", "UTF-8"), (SPANISH, "utf-16", "UTF-16"),
    ],
)  # fmt: skip
def test_the_words_tell_how_a_text_is_written(text, encoding, name):
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.doubt) == (text, name, None)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Señora Márquez 🙂".encode()[:-1], "Señora Márquez �"),
        ("she wrote 🙂".encode()[:-1] + b" and left", "she wrote � and left"),
        ("señora ".encode() * 20 + b"\x92", "señora " * 20 + "�"),
        ("she wrote 🙂".encode()[:-3] + b" and left", "she wrote � and left"),
        ("señora Márquez".encode() + b" \xc3 x", "señora Márquez � x"),
    ],
)
def test_utf8_with_a_broken_letter_stays_utf8_and_says_so(content, text):
    decoded = decode(content)
    assert (decoded.text, decoded.encoding) == (text, "UTF-8")
    assert decoded.doubt == "1 letter is broken in the file (�)"


def test_where_no_word_decides_the_guess_is_called_one():
    decoded = decode(b"5\xa3 and 6\x80")
    assert decoded.text == "5£ and 6€"
    assert decoded.doubt is not None and "a guess" in decoded.doubt
