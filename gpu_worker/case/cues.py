"""How something is said, and what about: what candidates of pairs go by, by words alone (pure).

A cue decides nothing. It says what two statements may have to do with each other, and what speaks against setting them
against each other: a condition, hearsay, a correction, a plan.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 2_000
"""Of a statement: what is longer is a page, and says everything."""
STANCES = {
    "denies": r"not|never|no(?!\.\s*#?\w*\d)|none|nobody|nothing"
    r"|neither|nor|without|cannot|\w+n['’]t|didnt|dont|wasnt|no one"
    r"|den(?:y|ies|ied)"
    r"|untrue|false|nunca|nadie|jamás|niego",
    "conditional": r"if(?! not\b)|unless|would have|had i|could have|should have|suppose|whether|si hubiera",
    "reported": r"(?:said|says|told (?:me|her|him|us|them)|reports?|reported|heard|mentioned|claims?"
    r"|claimed) (?:me |us )?that"
    r"|according to|i (?:was told|heard)|my client says",
    "correction": r"correct(?:s|ed|ion|ing) (?:my|the|an|to)|contain(?:s|ed) an? (?:error|mistake)|mistaken(?:ly)?"
    r"|misstated"
    r"|misremember\w*|should read|(?:is|was) an? (?:error|mistake|typo)|erratum|i was wrong|amended (?:declaration"
    r"|statement)",
    "future": r"will(?! not have)|plan(?:s|ned)? to|intend(?:s|ed)? to|would like to|going to|hopes? to|tomorrow"
    r"|(?:is|was|are|were) (?:due|scheduled|supposed|expected)",
    "duty": r"shall|must|is (?:ordered|required) to|are (?:ordered|required) to",
}
TOPICS = {
    "contact": r"call(?:s|ed|ing)?|(?:tele)?phone[sd]?|telephon\w+|text(?:s|ed|ing)?|messag\w+|voice ?mail\w*"
    r"|e-?mail(?:s|ed)?"
    r"|contact(?:s|ed|ing)?|block(?:s|ed|ing)?|video ?chat|facetime|llam\w+",
    "payment": r"pa(?:y|ys|id|yments?|ying)|transfer\w*|deposit\w*|support|alimony|zelle|venmo|remit\w*"
    r"|instal?lments?|arrears"
    r"|credit(?:s|ed)?|owe[sd]?|owing|reimburs\w*|refund\w*|pag(?:o|ó|ué|ar)",
    "exchange": r"arriv\w+|pick(?:s|ed|ing)?[ -]?up|picked|drop(?:s|ped|ping)?[ -]?off|dropped|collect(?:s|ed)?"
    r"|return(?:s|ed|ing)?"
    r"|exchang\w+|hand(?:ed|ing)?[ -]?(?:over|off)|show(?:s|ed)? up|late|on time|sharp|here|waiting|came (?:for|to)"
    r"|brought"
    r"|met (?:at|me|him|her)",
    "custody": r"custody|visit(?:s|ation|ed)?|weekends?|parenting time|overnight|care of|sole|joint",
    "alcohol": r"alcohol\w*|beers?|wines?|lagers?|ales?|liquor|vodka|whisk(?:e)?y|rum|tequila|gin|bourbon|champagne"
    r"|margaritas?"
    r"|cocktails?|drank|drunk(?:en)?|drink(?:s|ing)?|intoxicat\w+|sober|inebriat\w+|breathaly[sz]er|bac|dui|dwi"
    r"|open container"
    r"|tipsy|hung ?over|cervezas?|pub|bar tab|brewery|tavern",
    "drug": r"drugs?|marijuana|cannabis|weed|cocaine|meth(?:amphetamine)?|heroin|opioids?|pills?|narcotics?|vap(?:e"
    r"|ing)|thc",
    "violence": r"hits?|hitting|struck|beat(?:en)?|punch\w*|kick\w*|slap\w*|shov\w+|push(?:ed|es)|bruis\w+|br(?:oke"
    r"|eak|oken)"
    r"|assault\w*|threat\w*|chok\w+|injur\w+|hurt|damage[ds]?|smash\w*|violen\w+",
    "travel": r"(?:hotel|lodge|motel|inn|resort|cabin|campground|campsite|hostel)s?|suites|airbnb|camping"
    r"|check(?:ed)?[- ](?:in|out)"
    r"|folio"
    r"|departure"
    r"|flights?|airport|airline|boarding|itinerary|trips?|travel\w*|remov(?:e|ed|al|ing)|vacation|went to|go to"
    r"|visited"
    r"|took (?:\w+ ){1,4}to|relocat\w+|mov(?:e|ed|ing) (?:to|out)|zoo|museum|theme park|amusement|toll|beach"
    r"|rental car|stayed|premises|tenan(?:t|ts|cy)|landlord|lease|new (?:address|home|house|apartment)"
    r"|change of address",
    "work_income": r"income|wages?|salary|gross|net pay|pay ?stub|pay ?(?:statement|date)|earn(?:s|ed|ings)?"
    r"|benefits?|unemploy\w+"
    r"|laid off|employ\w+|hired|jobs?|work(?:ed|s|ing)?|cash|self-employed|business|w-?2|1099|payroll|bonus|shifts?",
    "knowledge": r"kn(?:o|e)w\w*|aware|inform(?:ed|s)?|notif\w+|noted|told|invit\w+|understood|got it|thank(?:s"
    r"| you)?"
    r"|acknowledg\w+|confirm\w*|receiv\w+|reply|replied|reminder",
    "presence": r"with (?:me|her|him|us|them|(?:his|their|my) \w+)|present|absent|attend\w*|at home|at the house"
    r"|lives?|lived"
    r"|living|resid\w+|stay(?:s|ed)|accompan\w+|together|alone|missed|in (?:my|his|her) care|interruption|was (?:at"
    r"|in|there)"
    r"|seen|saw|came",
    "property": r"own(?:s|ed|er|ership)?|register(?:ed)?|registration|title|vehicle|car|truck|motorcycle|boat"
    r"|bought|purchas\w+"
    r"|sold|lease\w*|deed|possess\w*|guns?|firearms?|weapons?|pistol|rifle|ammunition|bank account|account",
    "medical": r"doctor|hospital|clinic|medic\w+|asthma|sick|ill(?:ness)?|fever|diagnos\w+|therap\w+|vaccin\w+"
    r"|dentist|dental"
    r"|prescri\w+|nurse|appointment|allerg\w+|emergency|inhaler|dose",
    "school": r"school|teacher|conference|class(?:es)?|grades?|homework|tard(?:y|ies)|attendance|enrol\w+|principal"
    r"|report card"
    r"|practices?|coach|lessons?|daycare|recital",
    "distance": r"yards|feet|within \d+|approach\w*|stay(?:s|ed)? away|near (?:the|her|his)|outside (?:the|her|his)"
    r"|parked|followed"
    r"|residence|workplace",
    "smoking": r"smok\w+|cigarettes?|tobacco|nicotine",
    "social": r"facebook|instagram|tiktok|posted|posts?|social media|tweet\w*|photo(?:graph)?s?",
}  # fmt: skip
QUESTION = re.compile(r"\?(?:\s|$)")


def _compiled(words_of: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I)) for name, words in words_of.items())


_STANCES, _TOPICS = _compiled(STANCES), _compiled(TOPICS)


def read_cues(quote: str) -> tuple[str, ...]:
    """The stances and topics of a statement, in a fixed order."""
    said = " ".join(quote[:MOST_CHARACTERS].split())
    asked = ("question",) if QUESTION.search(said) else ()
    return (*(name for name, words in _STANCES if words.search(said)), *asked, *find_topics(said))


def find_topics(said: str) -> tuple[str, ...]:
    """What a statement is about."""
    return tuple(name for name, words in _TOPICS if words.search(said))
