"""Words that the rules of a case know: kin, titles, first names by sex, short forms, words that say nothing (pure)."""

from __future__ import annotations

MALE_TITLES = frozenset({"mr", "sr", "señor", "don", "herr", "monsieur"})
FEMALE_TITLES = frozenset({"mrs", "ms", "miss", "sra", "srta", "señora", "frau", "madame", "mme"})
TITLES = MALE_TITLES | FEMALE_TITLES | {
    "dr", "prof", "officer", "deputy", "detective", "sgt", "sergeant", "judge", "hon", "coach", "nurse", "rev", "ofc",
    "det", "cpl", "lt", "capt", "trooper", "constable", "commissioner", "principal",
}  # fmt: skip
FATHER = frozenset({"father", "dad", "daddy", "papa", "papá", "padre", "vater"})
MOTHER = frozenset({"mother", "mom", "mum", "mommy", "mummy", "mama", "mamá", "madre", "mutter"})
_KIN = """
nana nanna nan granny grandma grandmother gran gram grams oma abuela abuelita grandpa grandfather granddad
gramps opa abuelo papaw mamaw aunt auntie tía tia tante uncle tío tio onkel cousin primo prima stepmom stepdad
"""
KIN = frozenset(_KIN.split())
_FEMALE_KIN = """
nana nanna nan granny grandma grandmother gran gram grams oma abuela abuelita mamaw aunt auntie tía tia tante
stepmom
"""
FEMALE_KIN = frozenset(_FEMALE_KIN.split())
_MALE_KIN = """
grandpa grandfather granddad gramps opa abuelo papaw uncle tío tio onkel stepdad
"""
MALE_KIN = frozenset(_MALE_KIN.split())
SUFFIXES = {"sr": "sr", "senior": "sr", "jr": "jr", "junior": "jr", "ii": "ii", "iii": "iii", "iv": "iv"}
_FEMALE = """
mary maria patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra
margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon
cynthia dorothy amy kathleen angela shirley brenda emma anna pamela nicole samantha katherine catherine
christine helen debra rachel carolyn janet ana isabel sofia sophia olivia ava mia charlotte grace lucy alice
clara rosa carmen elena lucia teresa gloria julia diana irene joan ruth judith martha hannah heather evelyn
jane andrea marie claire nora ellen holly tina wendy yolanda monica vanessa naomi priya fatima aisha leila
ingrid greta heidi ursula
"""
FEMALE = frozenset(_FEMALE.split())
_MALE = """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark
donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob
gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond
patrick jack dennis jerry tyler aaron jose juan carlos luis miguel pedro jorge manuel antonio francisco
ricardo henry adam nathan peter zachary kyle walter harold jeremy ethan carl keith roger arthur lawrence noah
oliver liam lucas oscar hugo felix otto karl hans ahmed omar ali raj diego pablo sergio rafael martin simon
philip victor leon
"""
MALE = frozenset(_MALE.split())
SHORT_FORMS: dict[str, tuple[str, ...]] = {
    "bob": ("robert",), "bobby": ("robert",), "rob": ("robert",), "bill": ("william",), "billy": ("william",),
    "will": ("william",), "liam": ("william",), "dick": ("richard",), "rick": ("richard",), "rich": ("richard",),
    "jim": ("james",), "jimmy": ("james",), "jack": ("john",), "johnny": ("john",), "jon": ("jonathan", "john"),
    "mike": ("michael",), "mickey": ("michael",), "dave": ("david",), "tom": ("thomas",), "tony": ("anthony",),
    "joe": ("joseph",), "chuck": ("charles",), "charlie": ("charles",), "ted": ("edward", "theodore"),
    "ed": ("edward", "edwin"), "ned": ("edward",), "hank": ("henry",), "harry": ("harold", "henry"), "larry":
    ("lawrence",), "jerry": ("gerald", "jerome"), "kate": ("katherine", "catherine"), "katie": ("katherine",
    "catherine"), "kathy": ("katherine", "kathleen"), "cathy": ("catherine",), "kitty": ("katherine",), "liz":
    ("elizabeth",), "lizzie": ("elizabeth",), "beth": ("elizabeth",), "betty": ("elizabeth",), "betsy": ("elizabeth",),
    "peggy": ("margaret",), "maggie": ("margaret",), "meg": ("margaret",), "molly": ("mary",), "polly": ("mary",),
    "sally": ("sarah",), "becky": ("rebecca",), "sue": ("susan",), "nell": ("helen", "eleanor"), "nellie": ("eleanor",
    "helen"), "dolly": ("dorothy",), "dot": ("dorothy",), "trish": ("patricia",), "patty": ("patricia",), "tina":
    ("christina", "christine"), "chris": ("christopher", "christine", "christina"), "drew": ("andrew",), "andy":
    ("andrew",), "alex": ("alexander", "alexandra"), "sasha": ("alexander", "alexandra"), "max": ("maximilian",
    "maxwell"), "gus": ("augustus", "gustav"), "lupe": ("guadalupe",), "pepe": ("jose",), "paco": ("francisco",),
    "pancho": ("francisco",), "nacho": ("ignacio",), "chuy": ("jesus",), "concha": ("concepcion",),
    "lola": ("dolores",), "memo": ("guillermo",), "beto": ("alberto", "roberto"), "quique": ("enrique",),
    "jo": ("joanna", "joanne", "josephine"), "sam": ("samuel", "samantha"), "nick": ("nicholas",), "matt":
    ("matthew",), "steve": ("steven", "stephen"), "greg": ("gregory",), "pete": ("peter",), "ben": ("benjamin",),
    "dan": ("daniel",), "danny": ("daniel",), "abby": ("abigail",), "gabe": ("gabriel",), "zach": ("zachary",),
    "josh": ("joshua",), "jen": ("jennifer",), "jenny": ("jennifer",), "jess": ("jessica",), "vicky": ("victoria",),
    "debbie": ("deborah",), "cindy": ("cynthia",), "sandy": ("sandra", "alexander"), "penny": ("penelope",),
    "tess": ("teresa", "theresa"), "mandy": ("amanda",), "nan": ("nancy",), "fred": ("frederick", "alfred"),
}  # fmt: skip
_STOP = """
a about above after again against all also although always am an and any are as at be because been before
being below between both but by can could did do does doing done down during each either even ever every few
for from further get got had has have having he her here hers herself him himself his how however i if in into
is it its itself just less let like made make many may me might more most much must my myself neither never no
nor not now of off often on once one only or other our ours ourselves out over own per same shall she should
since so some such than that the their theirs them themselves then there therefore these they this those
though through thus to too toward two under until up upon us very was we were what when where whether which
while who whom whose why will with within without would yes yet you your yours yourself january february march
april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun am pm hours hour minutes
minute day days week weeks month months year years date time mr mrs ms dr sr jr case county court superior
petitioner respondent father mother dad mom mommy daddy parent parents true correct foregoing perjury penalty
declare executed signed say says said tell tells told went go goes going come comes came take takes took see
seen saw know known knew dear sincerely regards page copy exhibit received from to re subject sent messages
exported el la los las de del y en que no un una por para con su
"""
STOP = frozenset(_STOP.split())
