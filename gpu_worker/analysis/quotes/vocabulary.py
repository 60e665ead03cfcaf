"""Words that decide what a sentence says, in the languages that papers come in (pure)."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    "no not never none nor neither without cannot nobody nothing nowhere hardly scarcely barely rarely seldom "
    "nunca jamás ni sin tampoco nadie nada ninguno ninguna ningún ne pas jamais sans aucun aucune rien personne "
    "ni nicht nie niemals kein keine keinen keiner ohne weder não nem sem nenhum nenhuma mai senza nessuno "
    "nessuna niet geen nooit zonder nie bez hindi wala walang huwag не нет никогда ни без 不 没 沒 未 无 無 别 "
    "لا لم لن ليس ما"
)
DENIALS = NEGATIONS | _words(
    "deny denies denied denying dispute disputes disputed doubt doubts doubted false untrue wrong lied lie lies "
    "niega negó falso duda"
)
"""Words that say of what follows, or of what was said, that it is not so."""
CONTRASTS = DENIALS | _words(
    "if unless only except until but however although though whether maybe perhaps supposed pretend pretended "
    "claim claims claimed allege alleges alleged allegedly say says said state states stated tell tells told "
    "according complaint si salvo excepto pero dice dijo según quizás hasta solo sólo"
)
"""Words that turn what stands in the sentences beside them. An ellipsis over a sentence with one is refused."""
TURNS = CONTRASTS | _words(
    "refuse refuses refused fail fails failed suppose may might could would should must some all every any few most "
    "half almost nearly about"
)
"""Words that turn the meaning of their own sentence. An ellipsis over one inside a sentence is refused."""
CONDITIONS = _words("if unless whether si")
NUMBER_WORDS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million once twice "
    "dozen dos tres cuatro cinco seis siete ocho nueve diez cien mil"
)
MONTHS = _words(
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre"
)
TIME_WORDS = _words(
    "am pm noon midnight hours hour minutes o'clock and morning afternoon evening night the of monday tuesday "
    "wednesday thursday friday saturday sunday de la las lunes martes miércoles jueves viernes sábado domingo y"
)
PREPOSITIONS = _words("at on from between by during in around about approximately desde a el los entre")
ADVERBS = _words("ever yet once even really actually always then again")
JOINING = _words("and or so then because when while after before which who where y e o porque cuando et und ou")
PEOPLE = _words(
    "i you he she we they mother father mom dad parent parents petitioner respondent child children son daughter "
    "brother sister aunt uncle grandmother grandfather wife husband officer teacher doctor judge witness "
    "attorney counsel boy girl him them yo él ella ellos madre padre hijo hija"
)
SUBJECTS = _words("i you he she it we they the this that these those there my his her our their a an")
REFERRING = _words("he she they him her them his their")
DANGLING = _words(
    "i you he she we they was were is are be been am do does did have has had will would can could shall should "
    "may might must to the a an of my his her their our its and or if that who"
)
SHORT_WORDS = _words("a i an as at be by do go he if in is it me my no of on or so to up us we am ok mr ms dr")
FIRST_OF_ANOTHER = _words("a an the no not i he she we you me my his is as was may all in to so re")
"""Words whose joining to the next one makes another word: "the rapist", "no table", "may be", "a part", "re sign"."""
SHORTENED = _words("i'll we're she'll he'll we'll i'd she'd he'd we'd it'll they're who're let's")
"""Without their apostrophe these are other words: "we're late", "were late"."""
LABELS = _words(
    "exhibit page section count paragraph item volume part no number article schedule appendix attachment form "
    "line rule title chapter level grade group unit room apt suite tab annex anexo"
)
NEGATED_COMPOUNDS = {"nobody": "no body", "nothing": "no thing", "nowhere": "no where", "cannot": "can not"}
MISPRINTS = {"thc": "the", "tbc": "the", "hc": "he", "bc": "be", "bis": "his", "bas": "has", "bim": "him", "mc": "me"}
"""Frequent misreadings that the lists of frequencies hold as words of their own; not when in capitals (THC)."""
ABBREVIATIONS = _words(
    "mr mrs ms dr st vs jr sr hon inc ltd co corp dept apt ave blvd rd art sec para pp etc jan feb mar apr jun "
    "jul aug sep sept oct nov dec sra sr srta dra lic av núm cf esq prof rev capt sgt det ofc"
)
