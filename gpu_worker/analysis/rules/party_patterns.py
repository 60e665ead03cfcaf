"""Where people stand in documents, with the role each place gives them (data)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpu_worker.analysis.rules.shapes import CHAT_LINE, CLOSING_WORDS, NAME_STAMP_LINE, SHORT_CHAT_LINE

# A word of a name: capitalised, or a particle between two that are.
_WORD = r"(?:[^\W\d_a-zß-öø-ÿ]\.|[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’\-.][^\W\d_]+)*(?![\w'’]))"
_SMALL = r"(?:de|del|la|las|los|da|dos|di|van|von|der|den|bin|al|y)"
# A word before a colon is the next label, not part of a name.
_NEXT = rf"[ ](?:{_SMALL}[ ]){{0,2}}{_WORD}(?![ ]?:)"
NAME = rf"{_WORD}(?:{_NEXT}){{0,4}}"
NAMES = rf"{_WORD}(?:{_NEXT}){{1,4}}"
GREETED_NAME = rf"{_WORD}(?:[ ](?:{_SMALL}[ ]){{0,2}}{_WORD}){{0,3}}"
TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Hon|HON|Judge|Justice|Sr|Sra|Srta|Lic|Profra?|Mtr[oa]|Ing|Arq|Dña|Dª|Doña|Don|D(?=\.)"
    r"|C(?=\.)|Herr|Frau|Mme|M|Officer|Deputy|Det|Detective|Sgt|SGT|Ofc|OFC|Cpl|Lt|PC|DC"
    r"|The Honou?rable)(?!\w)\.?[ \t]+"
)
LAST_FIRST = rf"{_WORD}(?:[ \-]{_WORD})?,[ ]?{_WORD}(?:[ ]{_WORD}){{0,2}}"
VALUE = rf"[\"“'‘]?(?P<name>(?:{TITLE})*(?:{LAST_FIRST}|{NAME}))"

ROLES = {
    "petitioner": r"(?:co-|cross-)?petitioner(?:[ /-]+(?:mother|father|wife|husband))?|peticionari[oa]|promovente"
    r"|quejos[oa]|ocursante",
    "respondent": r"respondent(?:[ /-]+(?:mother|father|wife|husband))?|co-respondent",
    "plaintiff": r"plaintiff|demandante|actor[a]?",
    "defendant": r"defendant|demandad[oa]|accused",
    "applicant": r"applicant(?: parent)?|solicitante|antragsteller(?:in)?|filed by|requérante?|demanderesse|demandeur",
    "other party": r"(?:other|opposing|adverse) party|antragsgegner(?:in)?|requise?|défende(?:ur|resse)",
    "claimant": r"claimant",
    "appellant": r"appellant|appellee|cross-appellant",
    "mother": r"(?:birth )?mother|madre|mutter|mère|(?:birth )?name of (?:the )?mother|mother's (?:full |birth "
    r"|maiden )?name|applicant mother|respondent mother|nombre de la madre",
    "father": r"(?:birth )?father|padre|vater|père|name of (?:the )?father|father's (?:full )?name"
    r"|respondent father|applicant father|nombre del padre",
    "guardian": r"(?:parents?|legal|parent\(s\))? ?/? ?guardian(?:\(s\))?|parents?(?: name)?|caregiver"
    r"|custodian parent|tutor[a]?|carer",
    "minor child": r"(?:the |minor )?child(?:ren)?(?:'s)?(?: (?:full )?name)?|minor(?: child(?:ren)?)?(?:'s name)?"
    r"|subject child(?:ren)?|(?:la |el )?menor|name of (?:the )?child|kind|enfant",
    "student": r"(?:name of (?:the )?)?student(?:'s)?(?: name)?|pupil(?:'s)?(?: name)?|alumn[oa]|schüler(?:in)?"
    r"|élève|estudiante",
    "patient": r"patient(?:'s)?(?: (?:full )?name)?|paciente|client(?: name)?|name of patient|nombre del paciente"
    r"|examinee|donor|tested party|(?:alleged|presumed) father",
    "protected person": r"(?:name of )?protected (?:person|party)|person (?:asking for|seeking) protection"
    r"|person in need of protection",
    "restrained person": r"(?:name of )?restrained (?:person|party)|person to be restrained"
    r"|person from whom protection.{0,20}",
    "victim": r"(?:alleged )?victim(?:'s)?(?: name)?|vic|víctima|injured party|aggrieved",
    "suspect": r"(?:alleged )?perpetrator|suspect(?:'s)?(?: name)?|susp|invl|involved(?: party)?|investigad[oa]"
    r"|imputad[oa]|arrestee|subject"
    r"(?: name)?|denunciado|offender",
    "reporting party": r"informant|reporting (?:party|person)|complainant|caller|rp|r/p|denunciante|comparec(?:e"
    r"|iente)|manifestante",
    "mediator": r"mediator|arbitrator|parenting coordinator|interpreter",
    "parent": r"(?:visiting|requesting|other|custodial|non-?custodial) (?:parent|party)|obligor|obligee|payor|payee"
    r"|(?:non-?)?custodial parent|parent [12ab]",
    "monitor": r"(?:visit |visitation )?(?:monitor|supervisor)|coach",
    "witness": r"present|in attendance|attendees|participants|witness(?:es)?(?: name)?|testigo|deponent",
    "officer": r"(?:reporting |responding |investigating |arresting |assigned )?(?:officer|deputy|detective"
    r"|constable|investigator)(?: name)?",
    "judge": r"(?:assigned )?judge|judicial officer|before|(?:heard|presided over) by|judgment of|reasons of"
    r"|name of judge .{3,30}"
    r"|presiding judge|hon|honorable|(?:coram )?justice|magistrada?|juez[a]?"
    r"|commissioner|referee",
    "evaluator": r"(?:child custody )?evaluator|examiner|assessor|psychologist|examined by|evaluated by|perit[oa]",
    "doctor": r"(?:attending |referring |ordering |treating |primary care |rendering )?(?:physician|provider|doctor"
    r"|clinician|practitioner|pediatrician|therapist|dentist|gp|consultant)(?: name)?|attending|seen by"
    r"|médic[oa]|pcp|counsel(?:l)?or|arzt",
    "teacher": r"(?:homeroom |classroom |class |form )?teacher(?:'s)?(?: name)?|principal|head ?teacher|maestr[oa]"
    r"|profesor[a]?|case manager",
    "social worker": r"(?:assigned |children's |ongoing |intake )?(?:social |case|child welfare "
    r"|cps )[ ]?worker(?: name)?|caseworker|investigator"
    r"|family court advis[eo]r|trabajador[a]? social|assessment worker",
    "guardian ad litem": r"guardian ad litem|gal",
    "employee": r"employee(?:'s)?(?: (?:full )?name)?|empleado|trabajador|arbeitnehmer(?:in)?|salarié",
    "declarant": r"declarant|affiant|deponent",
    "attorney": r"attorneys? for [\w ,]{3,40}|counsel for [\w ]{3,40}|attorney(?: name)?|solicitor|abogad[oa]"
    r"|lawyer|represented by",
    "tenant": r"tenant(?:\(s\))?|lessee|inquilin[oa]|arrendatari[oa]",
    "landlord": r"landlord|lessor|arrendador[a]?",
    "account holder": r"account (?:holder|name|owner)|customer(?: name)?|prepared for|statement for|taxpayer"
    r"(?:'s)? name|your first name and last name|cardholder|titular|member(?: name)?|borrower|owner|guest"
    r"|subscriber|insured|policy ?holder|driver|passenger",
    "registrant": r"name of (?:decedent|deceased|bride|groom|spouse|registrant)|registrad[oa]|name and surname|bride"
    r"|groom|spouse"
    r"(?: [ab12])?|decedent",
    "author": r"author|written by|prepared by|reported by|submitted by|report by|signed by|electronically signed by"
    r"|noted by|completed by|entered by|interviewer|interviewed by|served by|generated by|staff member"
    r"|firmado por",
    "person": r"name of (?:proprietor|employee|taxpayer|owner)|(?:your |full |legal |printed? )*name"
    r"|nombre(?: completo)?|nombre y apellidos|print(?:ed)? name"
    r"|name \(print\)|interviewee|person interviewed",
    "sender": r"from|von|sender|de|remitente",
    "recipient": r"to|an|à|destinatari[oa]|(?:article )?addressed to|deliver(?:ed)? to|ship to|sold to|attn"
    r"|attention|para|recipient"
    r"|cc|bill(?:ed)? to",
}
ROLE_OF = tuple((role, re.compile(rf"(?:{words})\Z", re.I)) for role, words in ROLES.items())
_ANY_ROLE = "|".join(f"(?:{words})" for words in ROLES.values())
_ROLE_LABEL = (
    rf"(?:the )?(?:(?:full |printed |legal )?name of (?:the )?)?(?P<role>{_ANY_ROLE})(?:['’]s)?(?: \d)?"
    rf"(?:[’']?s? (?:full |legal |printed )?names?)?(?:[ ]?/[ ]?(?:{_ANY_ROLE}))?"
    rf"(?: information| details|, address[\w, ]{{0,30}}|(?: [-–])? (?:full )?name(?: and surname)?)?"
)
_CAPTION = (
    r"petitioner|respondent|plaintiff|defendant|applicant|claimant|appellant|appellee|mother|father|demandante"
    r"|demandad[oa]|landlord|tenant"
    r"|minor child|a minor|an? child|guardian ad litem|judge of the [\w ]{3,30}|judge|declarant|affiant"
    r"|attorney for [\w ]{3,30}|attorney"
    r"|aggrieved|demanderesse|demandeur|défende(?:ur|resse)|antragsteller(?:in)?|antragsgegner(?:in)?"
    r"|grandmother|grandfather|client|lessor|lessee|directora?|process server|protected person|restrained person"
    r"|intervenor|solicitor"
)


@dataclass(frozen=True)
class Pattern:
    """A place where a name stands. `role` is fixed, or None when the pattern's group `role` says it."""

    regex: re.Pattern[str]
    role: str | None = None
    least_words: int = 2
    group: str = "name"


LABEL = Pattern(
    re.compile(
        rf"(?:^|(?<=\s\s)|(?<=\t)|(?<=[.;|]\s)|(?<=\s)(?=[A-Z])|(?<=^\d\s)|(?<=^[a-z]\s))[ \t]*"
        rf"(?:\d{{1,2}}[.)]?[ \t]+|[a-z][ \t]+|[*•\-][ \t]*)?"
        rf"(?i:{_ROLE_LABEL})[ \t]*(?:\([^)\n]{{1,25}}\)[ \t]*)?(?:[:#=]|[ ][-–](?=[ ]))[ \t]*(?:\n[ \t]*)?{VALUE}",
        re.M,
    )
)
LABEL_COLUMN = Pattern(
    re.compile(rf"^[ \t]*(?i:{_ROLE_LABEL})[ \t]{{2,}}(?P<name>{NAMES})[ \t]*(?:$|[ \t]{{2,}})", re.M)
)
NAME_ABOVE_ROLE = Pattern(
    re.compile(
        rf"^[ \t]*(?P<name>{NAMES})[ \t]{{3,}}[^\n]*\n[ \t]*(?P<role>(?i:{_CAPTION}))[ \t]*(?:[,.]?[ \t]*$"
        rf"|[,.]?[ \t]{{2,}})",
        re.M,
    )
)
LABEL_WITHOUT_COLON = Pattern(
    re.compile(
        rf"^[ \t]*(?:\w[ \t]+)?(?P<role>(?i:employee's name|child's name|student name|patient name|name of \w+"
        rf"|employee|patient|student|guest|member|pupil))[ \t]+(?P<name>{NAMES})(?=[ \t]*$|[ \t]{{2,}})",
        re.M,
    )
)
CAPTION_NAME_FIRST = Pattern(
    re.compile(
        rf"(?:^|(?<=\s\s)|(?<=\bcomes )|(?<=\band )|(?<=\bAND )|(?<=\bbetween )|(?<=\bof )|(?<=\bOF )|(?<=: )"
        rf"|(?<=\bv\. )|"
        rf"(?<=\bvs\. ))[ \t]*(?P<name>{NAMES})"
        rf"[ \t]*(?:,[ \t]*(?:\n\s*)?|\n\s*|[ \t]{{2,}}|[ \t]+(?=[(\[])|[ \t]+[-–][ \t]+)[(\[]?(?:the[ \t]+"
        rf"|[\"“]|an?[ \t]+(?=\w+ (?:herein|above)))?"
        rf"(?P<role>(?i:{_CAPTION}))(?![\w'])(?![ ]*[:–/]| - )",
        re.M,
    )
)
ROLE_THEN_NAME = Pattern(
    re.compile(
        r"\b(?P<role>(?i:petitioner|respondent|plaintiff|defendant|applicant|claimant|appellant|mother|father"
        r"|minor child|child|student"
        r"|patient|alumn[oa]|menor|guardian ad litem|decedent|social worker|caseworker|coach|teacher|therapist"
        r"|nurse|principal))(?:,|[ \t]+is|[ \t]+named|[ \t]*\([A-Za-z\"“” ]{1,20}\))?[ \t]+"
        rf"(?P<name>{NAMES})(?=[\s,.;)]|$)"
    )
)
LAST_FIRST_VERSUS = re.compile(rf"^[ \t]*(?P<one>{LAST_FIRST})[ ]+(?i:vs?\.?|versus)[ ]+(?P<two>{LAST_FIRST})", re.M)
AND_LINE = re.compile(r"^\s*(?:and|&)\s*,?(?:\s{2,}.*)?$", re.I)
COUPLE_AHEAD = re.compile(r"\b(?:in re|marriage of|matter of|between)\b", re.I)
VERSUS_LINE = re.compile(r"^\s*[-–]?\s?(?:vs?\.?|versus|against|c\.|contra)\s?[-–]?,?(?:\s{2,}.*)?$", re.I)
VERSUS = re.compile(
    rf"(?:^|(?<=: )|(?<=\s\s)|(?<=Matter of )|(?<=MATTER OF ))[ \t]*(?P<one>{NAMES})[ \t]*"
    rf"(?:,[ \t]*[\w/ ]{{3,25}},?)?[ \t]*(?:\n\s*)?(?:(?i:[-–]?\s?\b(?:vs?|versus|contra|against)\b\.?\s?[-–]?)|c\.)"
    rf"[ \t]*(?:\n\s*)?(?P<two>{NAMES})",
    re.M,
)
AND_COUPLE = re.compile(
    rf"(?i:(?:marriage|custody|parentage|matter)\s+of:?\s+)(?P<one>{NAME})[ \t]*(?:,\s*\w+,)?\s+(?:and|AND"
    rf"|&)\s+(?P<two>{NAMES})(?=\W|$)",
    re.M,
)
COUPLE_LABEL = re.compile(
    rf"^[ \t]*(?i:family|parents|couple|clients?|household|spouses|names?)[ \t]*:[ \t]*(?P<one>{NAME})[ ]+(?:and|&)[ ]+"
    rf"(?P<two>{NAMES})(?=\W|$)",
    re.M,
)
BETWEEN = re.compile(
    rf"(?i:\bbetween):?\s+(?P<one>{NAMES})[ \t]*"
    rf"(?:\([^)\n]{{1,30}}\)|,[ ]\w[^\n]{{1,60}}?)?,?\s+(?:and|AND)\s+(?P<two>{NAMES})",
    re.M,
)
IN_RE = Pattern(
    re.compile(
        rf"(?i:in\s+(?:re|the\s+(?:interest|matter)\s+of)\b:?\s*(?:the\s+)?(?:(?:custody|guardianship"
        rf"|parentage|adoption|welfare|estate|paternity|support)\s+of:?\s*)?)(?P<name>{NAMES})(?=\s*(?:,|\n|$"
        rf"|\())",
        re.M,
    ),
    "minor child",
)
OATH = Pattern(
    re.compile(
        rf"(?<![\w.])I,[ \t]+(?P<name>{NAMES})(?=[ \t]*(?:,|\(|\n|[ \t](?:being|of|declare|affirm|am|state"
        rf"|hereby|do|will|swear|certify|depose|say|make)\b))"
    ),
    "declarant",
)
SWORN = Pattern(
    re.compile(rf"^[ \t]*(?P<name>{NAMES}),[ \t]*(?:being|having been)\b.{{0,20}}\bsworn\b", re.M), "declarant"
)
FOREIGN_OATH = Pattern(
    re.compile(
        rf"\b(?:Yo|El suscrito|La suscrita|(?:El|La) que suscribe|Je soussignée?|Ich|Eu)[ \t]*,?"
        rf"[ \t]+(?P<name>{NAMES})(?=[ \t]*,)"
    ),
    "declarant",
)
OF_TITLE = Pattern(
    re.compile(
        rf"(?i:^[ \t]*(?:\w+[ \t]+){{0,3}}(?P<what>deposition|declaration|affidavit|statement|testimony"
        rf"|examination|interview)[ \t]+of:?[ \t]+)(?P<name>{NAMES})(?=\s*(?:$|,|\n|\s\s|\.|\(|[ \t](?:in|re"
        rf"|IN|RE)\b))",
        re.M,
    ),
    "declarant",
)
JUDGE = Pattern(
    re.compile(
        rf"(?:\b(?:Hon\.|HON\.|Honou?rable|HONOU?RABLE|(?:District |Circuit |Family |Deputy )?Judge|JUDGE"
        rf"|Justice|JUSTICE|Magistrate|Commissioner|Mr Justice|Mrs Justice)[ \t]+(?:(?:Madam[ ])?(?:Judge|Justice|Mr"
        rf"|Mrs|Ms)\.?[ \t]+)?)"
        rf"(?P<name>{NAME})(?=\s*(?:$|[,.;)]|\s\s|\n|[ \t](?:sitting|presiding|of|in|at)\b))",
        re.M,
    ),
    "judge",
    1,
)
OFFICER = Pattern(
    re.compile(
        rf"\b(?:Deputy|Officer|Detective|Det\.|Sgt\.?|SGT\.?|OFC\.?|DET\.?|Sergeant|Trooper|Constable|PC|DC|Ofc\."
        rf"|Cpl\.|Lt\.)[ \t]+"
        rf"(?P<name>{NAMES})",
        re.M,
    ),
    "officer",
)
TITLED = Pattern(
    re.compile(
        rf"\b(?:D\.(?=[ ][A-ZÁÉÍÓÚ][a-zé])|(?:Mr|Mrs|Ms|Miss|Dr|Dra|Prof|Profra|Mtr[oa]|Lic|Sr|Sra|Srta|Dña|Dª"
        rf"|[Dd]on|[Dd]oña|Señora?|señora?|Monsieur"
        rf"|Madame|Maître|Herrn?|Frau)\b\.?)[ ](?P<name>{NAMES})"
    ),
    "person",
)
BORN = Pattern(
    re.compile(rf"(?P<name>{LAST_FIRST}|{NAMES})[,\s]{{1,6}}(?:\(?(?i:DOB|D\.O\.B|born|date of birth|nacid[oa])\b)"),
    "person",
)
JUDGE_AFTER = Pattern(
    re.compile(
        rf"^[ \t]*(?P<name>{NAMES}),[ \t]*(?:J\.?\s?S\.?\s?C|J\.?\s?F\.?\s?C|JJ?\.|P\.?\s?J|(?:Presiding "
        rf"|Circuit |District |Family Court |Superior Court )?Judge|Magistrate|Referee)\b",
        re.M,
    ),
    "judge",
)
MAIL_IN_BRACKETS = Pattern(
    re.compile(rf"^[ \t>]*(?:From|To|Cc)[ \t]*:[ \t]*\S+@\S+[ \t]*\((?P<name>{NAMES})\)", re.M), "sender"
)
CONFIRMED = Pattern(
    re.compile(
        rf"(?i:\b(?:certif\w+|confirm\w*|constar|verif\w+|state|inform you|advised?)[ ](?:that|que)[ ](?:the "
        rf"|our |el |la )?(?:student |patient |client |child |alumn[oa] |menor )?)(?P<name>{NAMES})"
        rf"(?=[ ][a-záéíóú])"
    ),
    "subject",
)
WE = re.compile(rf"\bWe,[ \t]+(?:the undersigned,?[ \t]+)?(?P<one>{NAMES})(?:,)?[ \t]+and[ \t]+(?P<two>{NAMES})")
DASHED_END = re.compile(rf"\n[ \t]*[-–—~][ \t]*(?P<name>{NAMES})\s*\Z")
FROM_TO = re.compile(rf"^[ \t]*From (?P<one>{NAMES}) to (?P<two>{NAMES})[ \t]*$", re.M)
CSV_ROW = Pattern(
    re.compile(rf",(?:Incoming|Outgoing|Sent|Received|incoming|outgoing|sent|received),\"?(?P<name>{NAME})\"?,"),
    "participant",
    1,
)
NAMED = Pattern(
    re.compile(
        rf"\b(?:[Mm]y name is|personally appeared|(?:Received|RECEIVED|Paid|Sold|Issued) (?:from"
        rf"|FROM|by|to):?)[ ](?P<name>{NAMES})"
    ),
    "person",
)
LAW_OFFICE = Pattern(re.compile(rf"(?i:law offices? of|bufete(?: de)?|kanzlei)[ \t]+(?P<name>{NAMES})"), "attorney")
REGARDING = Pattern(
    re.compile(
        rf"^[ \t]*(?i:re|regarding|subject|asunto)[ \t]*:[ \t]*(?:(?i:patient|student|client|child)[: ]+)?"
        rf"(?P<name>{LAST_FIRST}|{NAMES})(?=[ \t]*(?:,|\n|$|\(|[ \t]{{2,}}))",
        re.M,
    ),
    "subject",
)
SLASH_S = Pattern(re.compile(rf"(?<!\w)/[sS]/[ \t]*(?P<name>{NAMES})"), "signer")
MAIL_ADDRESSED = Pattern(re.compile(rf"^[ \t>]*(?P<name>{NAMES})[ \t]*<[\w.+\-]+@[\w.\-]+>", re.M), "sender")
WROTE_NAME = Pattern(
    re.compile(
        rf"(?:[AP]M|\d(?![ ]?[AP]M)),?[ \t]+(?P<name>{NAMES})[ \t]*(?:<[^>\n]*>)?[ \t]*(?:wrote|schrieb"
        rf"|escribió|a écrit)[ \t]*:",
        re.M,
    ),
    "sender",
)
BY = Pattern(
    re.compile(
        rf"(?i:\b(?:signed|written|prepared|submitted|served|evaluated|authored|examined|interviewed"
        rf"|completed)[ \t]+by):?[ \t]+(?P<name>(?:{TITLE})?{NAMES})"
    ),
    "author",
)
IN_SENTENCE = Pattern(
    re.compile(
        rf"(?P<name>{NAMES}) (?:has been|is|was) (?:my|our|a|an active) (?P<role>client|patient|student"
        rf"|employee|tenant)\b"
    ),
)
SENTENCE_ROLE = Pattern(
    re.compile(
        rf"\b(?P<role>my client|our client|my patient|our student|your son|your daughter|his son|her son"
        rf"|Ihr Sohn|Ihre Tochter|su hij[oa]|votre (?:fils|fille)"
        rf"|our patient),?[ \t]+(?P<name>{NAMES})(?=[\s,.;])"
    )
)
CHAT = (
    Pattern(CHAT_LINE, "participant", 1, "who"),
    Pattern(SHORT_CHAT_LINE, "participant", 1, "who"),
    Pattern(NAME_STAMP_LINE, "participant", 1, "who"),
)
CHAT_WITH = Pattern(
    re.compile(
        rf"(?i:\b(?:imessage|chat|conversation|messages?|texts?|sms|whatsapp)(?: \w+)? (?:with|between)[ \t]+)"
        rf"(?P<name>{NAME})(?=\s*(?:$|\n|,|[ \t](?:and|AND)\b))",
        re.M,
    ),
    "participant",
    1,
)
CREDENTIALED = Pattern(
    re.compile(
        rf"^[ \t]*(?P<name>{NAMES}),[ \t]*(?:M\.?D|D\.?O|Ph\.?D|Psy\.?D|Esq|LCSW|LMFT|LPC|LMHC|MSW|RN|NP|CSR|J\.?D"
        rf"|SBN|State Bar|Bar No)\b",
        re.M,
    ),
    "professional",
)
JOB_BELOW = Pattern(
    re.compile(
        rf"(?:^|[ ]{{4,}})[ \t]*(?P<name>{NAMES})[ \t]*(?:\n[ \t]*|,[ \t]*)(?i:(?:[\w'’.&\-]+[ ]){{0,4}}(?:principal"
        rf"|supervisor"
        rf"|specialist|coordinator|consultant|advis[eo]r|officer|administrator|klassenlehrer(?:in)?"
        rf"|director[a]?|counselor"
        rf"|social worker|probation officer|guardian ad litem|caseworker|teacher|attorney at law|partner"
        rf"|assistant principal|(?:(?:circuit|district|superior|family|county"
        rf"|juvenile) )*(?:court )?judge(?: presiding)?"
        rf"|magistrate|process server|notary public|therapist|psychologist|manager|clerk|nurse|superintendent|solicitor"
        rf"|paralegal|registrar|investigator|judge of the .{{3,30}}))\b",
        re.M,
    ),
    "signer",
)
GREETED = Pattern(
    re.compile(
        rf"^[ \t]*(?i:dear|estimad[oa]|sehr geehrte[r]?|chère?|querid[oa])[ \t]+(?P<name>"
        rf"(?:{TITLE})?{GREETED_NAME})[ \t]*[,:;]?[ \t]*$",
        re.M,
    ),
    "recipient",
    1,
)
PARENT_OF = Pattern(
    re.compile(
        rf"(?i:\b(?:parents?|guardians?)(?:\(s\))?(?:[ ]?(?:/|or|and)[ ]?guardians?(?:\(s\))?)? of)"
        rf"[ ](?P<name>{GREETED_NAME})"
    ),
    "student",
)
STATEMENT_FOR = Pattern(
    re.compile(rf"(?i:\b(?:statement|summary|prepared|activity|invoice|account)[ ]for):?[ ]+(?P<name>{NAMES})"),
    "account holder",
)
PAID_TO = Pattern(
    re.compile(
        rf"(?i:\b(?:sent|paid|transferred|payment of)[ ](?:[A-Z]{{3}} )?[$£€]?[\d.,]+[ ](?:to"
        rf"|from))[ ](?P<name>{NAMES})"
    ),
    "party",
)
WITHIN_NAMED = Pattern(
    re.compile(
        rf"(?i:\b(?:within|above|therein)[- ]named(?:[ ](?:defendant|respondent|party|person|witness))?,?)"
        rf"[ ](?P<name>{NAMES})"
    ),
    "party",
)
TITLE_ABOVE = Pattern(
    re.compile(
        rf"^[ \t]*(?:(?:El|La)[ ])?(?i:director[a]?|secretari[oa]|juez[a]?|coordinador[a]?|trabajador[a] social"
        rf"|principal"
        rf"|head ?teacher|clerk of (?:the )?court)[ \t]*\n[ \t]*(?P<name>(?:{TITLE})?{NAMES})[ \t]*$",
        re.M,
    ),
    "signer",
)
CAPITALS_AND = re.compile(
    r"^[ \t]*(?P<one>[A-Z][A-Z'’\-]+(?: [A-Z][A-Z'’.\-]*){1,3})[ ](?:and|AND"
    r"|&)[ ](?P<two>[A-Z][A-Z'’\-]+(?: [A-Z][A-Z'’.\-]*){1,3})[ \t,]*$",
    re.M,
)
WED = re.compile(rf"(?P<one>{NAMES})[ ]and[ ](?P<two>{NAMES})[ ](?:were|are|have|having)\b")
PLACE_AHEAD = re.compile(
    r"\b(?:county|city|state|town|parish|borough|province|commonwealth|republic|court|judicial district|university"
    r"|bank)[ ](?:of|for)[ ]$",
    re.I,
)
"""Before the name of a place."""
NEXT_LISTED = re.compile(rf"[ \t]*(?:[,;]| and| &| y)[ \t]+(?P<name>{NAMES})(?![ ]?:)")
HEAD_NAME = re.compile(rf"^[ \t]*(?P<name>{LAST_FIRST}|{NAMES})[ \t]*(?:\(@[^)]*\))?$")
NAME_LINE = re.compile(
    rf"^[ \t]*(?:_+[ \t]*|(?:PC|DC|Officer|Deputy|Sgt)[ ]\d+[ ])?(?P<name>(?:{TITLE})?{NAMES})[ \t]*"
    rf"(?P<rest>,[^\n]{{1,50}})?$"
)
CLOSING_LINE = re.compile(rf"^\s*(?:{CLOSING_WORDS})\b[,.]?(?P<rest>[^\n]*)$", re.I)
SIGN_LINE = re.compile(
    r"(?i)^\s*(?:date[d]?|signed|executed|affirmed|sworn|fecha)\b|\b(?:executed|signed|dated) (?:on|this)\b|^\s*_{5,}"
    r"|^\W*\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}\W*$|^\W*[a-z]{3,9}\.? \d{1,2}, \d{4}\W*$"
)
_LAST_LABEL = r"(?:(?i:surname|last names?|family name|apellidos?)[^\n:]{0,12}?(?::|[ ]{2,})|\bLN:?[ ])"
_FIRST_LABEL = r"(?:(?i:given names?|first names?|forenames?|nombres?|prénoms?)[^\n:]{0,22}?(?::|[ ]{2,})|\bFN:?[ ])"
SPLIT_NAMES = tuple(
    re.compile(
        rf"{one}[ \t]*(?P<{first}>[^\n:]{{2,30}}?)(?:\s{{2,}}|\n|,)\s*"
        rf"{two}[ \t]*(?P<{second}>[^\n:]{{2,30}}?)(?=\s{{2,}}|\n|$)"
    )
    for one, first, two, second in (
        (_LAST_LABEL, "last", _FIRST_LABEL, "first"),
        (_FIRST_LABEL, "first", _LAST_LABEL, "last"),
    )
)
"""A surname and a given name each under a label of its own, in either order."""
IN_ORDER: tuple[Pattern, ...] = (
    LABEL,
    LABEL_COLUMN,
    NAME_ABOVE_ROLE,
    LABEL_WITHOUT_COLON,
    CAPTION_NAME_FIRST,
    ROLE_THEN_NAME,
    IN_RE,
    OF_TITLE,
    OATH,
    FOREIGN_OATH,
    SWORN,
    JUDGE,
    OFFICER,
    LAW_OFFICE,
    REGARDING,
    SLASH_S,
    MAIL_ADDRESSED,
    WROTE_NAME,
    JOB_BELOW,
    CREDENTIALED,
    BY,
    IN_SENTENCE,
    SENTENCE_ROLE,
    TITLED,
    NAMED,
    BORN,
    JUDGE_AFTER,
    CSV_ROW,
    MAIL_IN_BRACKETS,
    CONFIRMED,
    PARENT_OF,
    STATEMENT_FOR,
    PAID_TO,
    WITHIN_NAMED,
    TITLE_ABOVE,
)
