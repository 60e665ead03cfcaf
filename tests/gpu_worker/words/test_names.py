"""Names whose writing nobody states are letters, and a western name is never taken for a Russian or Japanese one."""

import pytest

from gpu_worker.words.names import decode_names


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (["Фото/Письмо отцу.txt", "Суд.pdf"], "cp866"), (["Фото/Письмо отцу.txt", "Суд.pdf"], "cp1251"),
        (["写真/子供の手紙.jpg"], "cp932"), (["照片/孩子的信.jpg"], "gb18030"), (["사진/아이의 편지.jpg"], "cp949"),
        (["Größe.txt", "Überprüfung der Straße.pdf", "Öl für Müller.doc"], "cp437"),
        (["été à Paris.jpg", "Ñandú.txt", "é.txt", "niño año.pdf"], "cp437"),
    ],
)  # fmt: skip
def test_names_are_read_as_they_were_written(names: list[str], page: str):
    assert decode_names([name.encode(page) for name in names], "cp437") == names


def test_names_in_utf8_and_in_none_are_letters_too():
    assert decode_names(["ß".encode(), b"a"], "cp437") == ["ß", "a"]
    assert decode_names([b"caf\xe9 \x81.txt"], "cp1252") == ["café �.txt"]
