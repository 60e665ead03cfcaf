"""How much of a text is words, in whatever script it is written."""

import pytest

from gpu_worker.words.known_words import SOUND, UNJUDGED, measure_known_share

SENTENCES = {
    "English": "The court orders that the parties share joint legal custody of the child.",
    "Spanish": "La madre solicita la custodia de la menor ante el tribunal",
    "Vietnamese": "Giao con chung cho người mẹ trực tiếp nuôi dưỡng đến khi con đủ mười tám tuổi",
    "French": "Le tribunal ordonne que les parents partagent la garde de l'enfant",
    "Polish": "Sąd postanowił że dziecko będzie mieszkać z matką",
    "Russian": "Определить место жительства ребёнка с матерью, отец вправе видеться каждую субботу",
    "Ukrainian": "Суд визначив місце проживання дитини з матір'ю, батько має право бачитися щосуботи",
    "Greek": "Το δικαστήριο αποφάσισε ότι το παιδί θα μένει με τη μητέρα του",
    "Arabic": "قررت المحكمة إسناد حضانة الطفلة إلى والدتها يحق للأب زيارة الطفلة كل يوم جمعة",
    "Arabic, pointed": "قَرَّرَتِ المَحْكَمَةُ حَضَانَةَ الطِّفْلِ",
    "Persian": "دادگاه حضانت کودک را به مادر سپرد و پدر حق ملاقات هفتگی دارد",
    "Hebrew": "בית המשפט קבע כי הילדה תגור עם אמה והאב יראה אותה בכל יום שישי",
    "Hindi": "अदालत ने बच्चे की अभिरक्षा माता को सौंपी और पिता को मिलने का अधिकार दिया",
    "Korean": "법원은 아이의 양육권을 어머니에게 부여하고 아버지는 매주 토요일에 만날 수 있다",
    "Chinese": "法院判决孩子由母亲抚养，父亲每周六可以探视孩子",
    "Chinese, traditional": "法院判決孩子由母親撫養，父親每週六可以探視孩子，雙方同意",
    "Japanese": "裁判所は子供の親権を母親に与え、父親は毎週土曜日に面会できる",
}
BROKEN = {
    "English, one letter on": "Uif dpvsu psefst uibu uif qbsujft tibsf kpjou mfhbm dvtupez pg uif dijme",
    "English as Cyrillic": "Еруые щку фдд ецыжщ ъэюявз ийклщъ ыфпрг хцчшы",
    "English as Chinese": "祓羅娃峅旣徿碬窘鬗鋙瀧鐼灡緪螇鰽齉墑",
    "Arabic, shuffled": "تجاحسخض ذرحصجطص ظسئ غحخضت فثصظس قخغش",
    "Vietnamese without its letters": "Quyt đnh ngày 12 tháng Giao con chung cho ngưi m trc tip nuôi dưõng đn khi con",
    "numbers": "1 2 3 4 5 6 7 8",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_sound_text_is_sound_in_any_language(language: str):
    assert measure_known_share(SENTENCES[language]) >= SOUND


def test_six_scripts_on_one_page_are_each_judged_by_their_own():
    page = "\n".join(SENTENCES[language] for language in ("English", "Arabic", "Hebrew", "Russian", "Chinese", "Hindi"))
    assert measure_known_share(page) >= SOUND


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_text_is_not(kind: str):
    assert measure_known_share(BROKEN[kind]) < SOUND - 0.05


def test_a_script_without_a_dictionary_is_neither_sound_nor_broken():
    georgian, thai = "სასამართლომ ბავშვი დედას დაუტოვა", "ศาลมีคำสั่งให้เด็กอยู่กับมารดา"
    assert measure_known_share(georgian) == measure_known_share(thai) == UNJUDGED
