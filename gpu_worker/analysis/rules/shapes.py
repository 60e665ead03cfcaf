"""What the shape of a text's lines says about its kind: mail headers, chat lines, salutations, questions (pure)."""

from __future__ import annotations

import re
from collections import Counter

MAIL_HEADERS = {
    "from": r"from|von|de|da",
    "to": r"to|an|para|à|a",
    "subject": r"subject|betreff|asunto|objet|re",
    "sent": r"sent|date|gesendet|datum|enviado(?: el)?|fecha|envoyé",
    "cc": r"b?cc",
}
_MAIL = {name: re.compile(rf"^[ \t>*]*(?:{words})[ \t]*:", re.I | re.M) for name, words in MAIL_HEADERS.items()}
MAIL_ADDRESS = re.compile(r"<?[\w.+\-]+@[\w\-]+\.[\w.\-]+>?")
WROTE = re.compile(r"^[>\s]*(?:On|Am|El|Le)\b.{6,90}\b(?:wrote|schrieb|escribió|a écrit)\s*:", re.M)
FLAT_MAIL = re.compile(r"^\s*From: [^\n]{2,60}\bTo: [^\n]{2,80}\b(?:Subject|Date|Sent): ", re.M)
PRINTED_MAIL = re.compile(r"^\s*(?:Gmail|Outlook|Yahoo Mail) - ", re.M)
DAY = r"(?:\d{1,4}[./\-]\d{1,2}[./\-]\d{2,4}|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2}\.? [A-Z][a-z]{2,8}\.? \d{4})"
TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[apAP]\.?[mM]\.?)?"
CHAT_LINE = re.compile(
    rf"(?:^|(?<=[.?!] ))\s*\[?(?:{DAY},?\s+{TIME}|{TIME}[,\s]+{DAY})\]?\s*[-–:]?\s*"
    rf"(?P<who>[^\W\d_][^:\n]{{0,40}}?)\s*:(?=\s|$)",
    re.M,
)
SHORT_CHAT_LINE = re.compile(
    rf"^\s*(?P<who>[^\W\d_][^:\n\[\]()]{{0,30}}?)\s*(?:\(|\[)(?:{DAY},?\s*)?{TIME}(?:\)|\])\s*:?(?=\s|$)", re.M
)
STAMP_LINE = re.compile(
    rf"^\s*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Today|Yesterday)\w*,?\s+)?"
    rf"{DAY},?\s+(?:at\s+)?{TIME}\s*$",
    re.M,
)
NAME_STAMP_LINE = re.compile(
    rf"^\s*(?P<who>[A-Z][\w'’\-]+(?: [A-Z][\w'’\-]+){{0,2}})[ \t]+"
    rf"(?:\w{{3}},? )?{DAY},?\s+(?:at\s+)?{TIME}\s*$",
    re.M,
)
SALUTATION = re.compile(
    r"^\s*(?:dear\b.{1,60}|to whom it may concern\b.{0,3}|to the (?:court|honorable court|judge)\b.{0,3}"
    r"|to (?:the )?.{0,25}\b(?:parents?|family|guardians?|teacher)\b.{0,10}:|to whom it concerns\b.{0,3}"
    r"|a quien corresponda\b.{0,3}|(?:muy )?(?:estimad|querid|apreciad)(?:o|a|os|as)\b.{1,50}"
    r"|sehr geehrte\b.{1,60}|lieber?\b.{1,30}|madame\b.{0,30}|monsieur\b.{0,30}|ch[eè]re?\b.{1,30})[,:;.]?\s*$"
    r"|^\s*dear (?:mr|mrs|ms|dr)s?\.? [\w'’\-]+[,:] ",
    re.I | re.M,
)
CLOSING_WORDS = (
    r"(?:very |yours )?(?:truly|sincerely|faithfully|respectfully)(?: yours| submitted)?|(?:kind|best|warm)"
    r"(?:est)? regards|regards|best wishes|thank you|thanks|many thanks|.{0,60}salutations distinguées"
    r"|recevez .{0,60}"
    r"|yours|respectfully|cordially|atentamente|cordialmente|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?"
    r"|mit freundlichen grüßen|hochachtungsvoll|cordialement|bien à vous|sinceramente"
)
CLOSING = re.compile(rf"^\s*(?:{CLOSING_WORDS})\b[,.]?(?P<rest>[^\n]{{0,40}})$", re.I | re.M)
NOT_OF_A_LETTER = re.compile(r"\s*(?:(?:many )?thank|respectfully submitted)", re.I)
QUESTION = re.compile(r"^\s*(?:\d{1,2}\s+)?(?:Q|A|P|R)[.:]?\s+\S", re.M)
SPEAKER = re.compile(
    r"^\s*(?:\d{1,2}\s+)?(?:THE (?:COURT|WITNESS|CLERK)|M[RS]{1,2}\. [A-Z\-']+"
    r"|BY M[RS]{1,2}\. [A-Z]+)\s*:",
    re.M,
)
DATED_LINE = re.compile(rf"^\s*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,?\s+)?{DAY}\b\s*[-–:,]?\s*\S", re.M)
EMAIL_LEAST_HEADERS = 3


def count_shapes(head: str) -> Counter[str]:
    """Points per kind for the shapes that stand in the head."""
    points: Counter[str] = Counter()
    headers = sum(bool(pattern.search(head)) for pattern in _MAIL.values())
    addresses = len(MAIL_ADDRESS.findall(head))
    is_from_to = _MAIL["from"].search(head) and (_MAIL["to"].search(head) or _MAIL["subject"].search(head))
    if headers >= EMAIL_LEAST_HEADERS and is_from_to or FLAT_MAIL.search(head):
        points["email"] += 12
    elif (
        headers and addresses >= 3 or headers >= 2 and addresses >= 2 or WROTE.search(head) or PRINTED_MAIL.search(head)
    ):
        points["email"] += 8
    chat = len(CHAT_LINE.findall(head)) + len(SHORT_CHAT_LINE.findall(head))
    stamps = len(STAMP_LINE.findall(head)) + len(NAME_STAMP_LINE.findall(head))
    points["text_messages"] += 14 if chat >= 2 else 5 * (chat == 1) + 4 * min(2, stamps)
    salutation, closing = SALUTATION.search(head), CLOSING.search(head)
    if closing and not salutation and NOT_OF_A_LETTER.match(closing[0]):
        closing = None  # a shop thanks too, and what is filed is submitted
    points["letter"] += 8 * bool(salutation) + 5 * bool(closing) if not points["email"] else 0
    if len(QUESTION.findall(head)) >= 2:
        points["transcript"] += 6
    if len(SPEAKER.findall(head)) >= 2:
        points["transcript"] += 6
    if chat == 0 and len(DATED_LINE.findall(head)) >= 3:
        points["log"] += 4
    return points
