"""The kinds of documents the rules know, and the phrases that show them (data)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of document.

    `titles` show it as a heading, `letterheads` say who writes such documents, `strong` and `signs` show it anywhere in
    the head: regular expressions matched at word boundaries, without case. `relevancy` is how much it bears on a
    custody case (0–999).
    """

    name: str
    relevancy: int
    titles: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    letterheads: tuple[str, ...] = ()


KINDS = (
    Kind(
        "restraining_order",
        900,
        (
            r"(?:domestic violence |temporary |civil harassment )?restraining order(?: after hearing)?",
            r"(?:final |emergency |temporary |ex parte )?protective order|order (?:of|for) protection|"
            r"(?:temporary |final |interim )?protection order",
            r"(?:[a-z ]{3,20} )?domestic violence (?:court |temporary |final |civil )*order|(?:temporary"
            r"|final) restraining\b.{0,10}"
            r"|[ft]ro|stay[- ]away order|civil protection order|protection from abuse order|abuse prevention order"
            r"|family violence order|no[- ]contact order|criminal protective order.{0,30}|occupation order",
            r"injunction for protection|non-molestation order|intervention order|apprehended violence order",
            r"peace bond|medidas? (?:cautelares?|de protección)\b.{0,30}|orden de (?:protección|alejamiento)",
        ),
        (
            r"restrained (?:person|party)|aggrieved(?: person| family member)?",
            r"protected (?:person|party)|prohibited against future acts",
            r"must not contact|stay (?:at least )?\d+ (?:yards|feet|met)",
        ),
    ),
    Kind(
        "custody_order",
        900,
        (
            r"(?:custody|visitation|parenting time) (?:order|judgment|decree)|order (?:regarding|re:?|on) custody",
            r"allocation judgment|child arrangements order|parenting orders?|orders? for parenting",
            r"stipulat(?:ion|ed) (?:and|&) order\b.{0,40}custody|findings and order after hearing|order after hearing",
            r"temporary orders?|(?:permanent |final |temporary |proposed )*parenting plan\b.{0,20}\border|"
            r"(?:final )?(?:residential|parenting) schedule order|residence order|contact order|"
            r"(?:auto|sentencia|resolución) de (?:guarda|custodia|medidas)\b.{0,40}",
        ),
        (),
    ),
    Kind(
        "court_order",
        850,
        (
            r"(?:final |interim |consent |agreed |default |temporary )?(?:order|judgment|decree|orders"
            r"|ordonnance|sentencia|auto)",
            r"income withholding (?:order|for support)\b.{0,40}|decree of (?:divorce|dissolution)"
            r"|judgment of (?:divorce|dissolution)|stipulat(?:ion|ed) (?:and|&) order",
            r"order to show cause|beschluss|urteil|einstweilige anordnung|jugement(?: du .{0,30})?|interlocutor"
            r"|rulings?(?: on .{0,60})?"
            r"|(?:judgment|journal|agreed|consent) entry|magistrate'?s (?:decision|order)|memorandum of decision"
            r"|decree (?:nisi|absolute)"
            r"|(?:written |proposed )?findings of fact\b.{0,40}|writ of .{1,40}|warrant\b.{0,40}|endorsement"
            r"|directions|final decree\b.{0,60}"
            r"|resolución|providencia|despacho|sentença|order (?:appointing|granting|denying|for|on|re:?|regarding|of)",
        ),
        (r"judge presiding",),
        (
            r"it is (?:hereby |therefore |so |further )*ordered|(?:this |the )?court (?:hereby )?(?:orders"
            r"|ordered) that",
            r"ordered, adjudged,? (?:and|&) decreed|(?:so|is) ordered|ordered and adjudged|se resuelve|fallo:"
            r"|(?:resolutivos|r e s u e l v e|par ces motifs|beschlossen).{0,5}",
        ),
    ),
    Kind(
        "minute_order",
        800,
        (
            r"minute (?:order|entry)s?",
            r"(?:clerk's|court|civil|hearing|courtroom)? ?minutes|minutes of (?:hearing|proceedings)",
            r"docket entry",
        ),
        (
            r"nature of (?:hearing|proceedings?)",
            r"(?:case|matter is) called|court convenes",
            r"judicial assistant|courtroom (?:clerk|assistant)|appearances?:",
            r"court minutes|minute entry",
        ),
    ),
    Kind(
        "opinion",
        750,
        (
            r"(?:memorandum |per curiam |majority |slip )?opinion(?: (?:and|&) order)?|decision (?:and|&) order",
            r"memorandum decision|reasons for (?:judgment|decision)|opinion of the court"
            r"|neutral citation(?: number)?\b.{0,30}"
            r"|\[\d{4}\] (?:EWFC|EWHC|EWCA|UKSC|FamCA|FedCFamC|IEHC|NZFC|NSWSC|ONSC|BCSC)\b.{0,20}|summary disposition",
        ),
        (
            r"court of appeals?|appellate (?:division|district|court)",
            r"not to be published|unpublished opinion|for publication",
            r"appeals? from (?:an?|the) .{0,40}(?:order|judgment|decree)|appeals? from|we (?:affirm|reverse|remand)",
            r"(?:affirmed|reversed|remanded)",
            r"neutral citation|\[\d{4}\] (?:EWFC|EWHC|EWCA|UKSC|FamCA|FedCFamC)",
        ),
    ),
    Kind(
        "proof_of_service",
        500,
        (
            r"(?:proof|certificate|affidavit|declaration|statement|acknowledg?ment|return|admission|certification) of "
            r"(?:(?:personal|mail(?:ed)?|electronic|e-|due|attempted|substituted|non-?|delivery|posting and) ?)*service"
            r"(?: by .{3,30}| of .{3,50})?|(?:affidavit|declaration) of (?:mailing|posting|publication"
            r"|(?:due )?diligence|attempted service)"
            r"|proof of publication|certificate of (?:notice|transmittal)",
            r"certificate of mailing|proof of (?:mailing|delivery)|(?:officer|sheriff|constable|server)'?s'? return"
            r"|return(?: of service)?(?: of (?:summons|citation))?|non-?service (?:report|affidavit)"
            r"|certificado de notificación|constancia de notificación",
        ),
        (
            r"not a party to (?:this|the) (?:action|case)",
            r"i (?:personally )?served|manner of service|person served",
            r"came to hand|in a sealed envelope|postage (?:fully )?(?:prepaid|paid)|served by",
            r"true (?:and correct )?copy of the foregoing",
        ),
    ),
    Kind(
        "subpoena",
        550,
        (
            r".{0,40}\bdeposition subpoena\b.{0,60}|(?:civil |deposition "
            r"|trial )?subpoena(?: duces tecum)?(?: to .{0,100})?|witness summons"
            r"|(?:summons|notice|order|citación) (?:to|de) (?:a |attend )?(?:witness|testigo)s?"
            r"|notice to appear and produce\b.{0,30}",
        ),
        (r"you are (?:hereby )?commanded", r"custodian of records", r"subpoena"),
    ),
    Kind(
        "summons",
        500,
        (r"summons(?: .{0,20})?", r"citation|citatorio|emplazamiento|ladung|assignation|convocation"),
        (r"you (?:are being|have been) sued", r"you must respond"),
    ),
    Kind(
        "notice",
        600,
        (
            r"(?:amended |public |three-day |\d+-day )?notice (?:of|to|regarding|re:?|concerning) (?!"
            r"(?:cross-)?motion|application|petition).{1,60}",
            r"(?:legal |final |past due |public )?notice|notification|citación|notificación|aviso",
        ),
        (r"please take notice|take notice that", r"you are (?:hereby )?notified"),
    ),
    Kind(
        "motion",
        800,
        (
            r"(?:amended |emergency |verified )?(?:notice of )?motion (?:to|for|in|re:?|of) .{1,60}|"
            r"(?:notice of )?(?:motion|cross-motion)",
            r"request for order|ex parte (?:application|request|motion)|application (?:for|to) .{1,60}",
            r"(?:interim )?application (?:about|regarding|re) .{1,60}|notice of (?:application|motion)"
            r"|order to show cause (?:and|for|re:?) .{0,40}|application notice",
            r"(?:verified |emergency |ex parte )*request (?:for|to) .{1,60}|(?:trial|opening|hearing|reply"
            r"|appellant'?s?|legal) (?:brief|memorandum)"
            r"|memorandum (?:of law|in support)\b.{0,50}|petition (?:to|for) modif.{1,40}"
            r"|(?:memorandum of )?points and authorities|solicitud de orden",
        ),
        (r"moves? (?:this|the) (?:honorable )?court", r"movant", r"request(?:s)? that the court"),
    ),
    Kind(
        "response",
        750,
        (
            r"(?:verified )?answer(?: (?:and|&) (?:counter-?(?:claim|petition)))?(?: to .{1,50})?|counter-?"
            r"(?:claim|petition)\b.{0,40}",
            r"(?:response|reply|opposition|objection)s? (?:to|in) .{1,60}|(?:response|reply"
            r"|opposition)(?: brief)?(?=\W*$)",
            r"contestación\b.{0,40}",
        ),
        (r"respondent answers", r"(?:admits|denies) the allegations"),
    ),
    Kind(
        "petition",
        800,
        (
            r"(?:first )?(?:verified |amended |joint |original |dependency |juvenile dependency )*petition(?: "
            r"(?:for|to|of) .{1,60})?",
            r"(?:verified |amended |civil )*complaint(?: (?:for|in|to|of) .{1,60})?|notice of family claim"
            r"|initiating application"
            r"|application \(general\)|antrag auf .{3,60}|klage|requête\b.{0,40}|application for (?:divorce"
            r"|parenting orders"
            r"|a child arrangements order)",
            r"form c(?:1|1a|2|79|100)|supplemental information form\b.{0,60}|(?:c100 "
            r"|form .{1,10} )?application under .{1,80}|.{0,20}application (?:to (?:the )?court )?for "
            r"(?:a |an )?(?:child arrangements|parenting|divorce|dissolution|custody|residence|contact)\b.{0,40}"
            r"|demanda(?: (?:de|para|por) .{0,40})?|statement of claim|originating application",
        ),
        (
            r"comes now .{0,60}files this",
            r"protesto lo necesario|comparece y dice",
            r"petitioner (?:respectfully )?(?:alleges|requests|prays)",
            r"wherefore,? (?:the )?(?:petitioner|plaintiff)",
        ),
        (r"(?:vengo a|vengo en la vía .{3,40}a) demandar|formula demanda|suplico al juzgado",),
    ),
    Kind(
        "declaration",
        850,
        (
            r"(?:supplemental |reply |responsive |attorney |sworn |supporting )?declaration(?: (?:of|in|re:?"
            r"|to|under) .{1,70})?",
            r"(?:general |family law |financial |supplemental )*affidavit(?: (?:of|in) .{1,50})?|statutory declaration",
            r"(?:first |second |third |final )?(?:witness|sworn|victim|voluntary|position|impact|personal) statement"
            r"(?: of .{1,50})?|statement of (?!account|earn|asset|income|service|fees|claim|decision|charges|truth"
            r"|benefits)"
            r"(?:[a-z.'’\-]+ ){1,3}[a-z'’\-]+|certification of .{3,50} in support|acta notarial"
            r"|declaración(?: de .{3,40})?",
            r"financial affidavit|(?:income and expense|financial|attorney) declaration|declaración jurada"
            r"|attestation\b.{0,40}|eidesstattliche versicherung|acta de manifestación(?:es)?|verified statement",
        ),
        (
            r"under (?:the )?penalt(?:y|ies) of perjury",
            r"being (?:first )?(?:duly )?sworn",
            r"i .{0,40}(?:hereby )?declare(?: as follows| that|:|,)",
            r"(?:will say|state|say) as follows|believe that the facts stated|statement of truth",
            r"je soussignée?|el que suscribe|la que suscribe|bajo protesta de decir verdad|an eides statt",
            r"(?:sworn|affirmed) (?:to|and|by|before)|make oath (?:and|or)|deponent|affiant",
        ),
    ),
    Kind(
        "transcript",
        800,
        (
            r"(?:reporter's |certified |partial )*transcript(?: of .{1,50})?|(?:video(?:taped)? "
            r"|oral )?deposition of .{1,40}",
            r"(?:voicemail|call|interview|audio|recording) transcript(?:ion)?|transcripción\b.{0,40}",
        ),
        (r"(?:direct|cross|redirect)[- ]examination", r"court reporter|csr no|the witness:", r"examination by"),
    ),
    Kind(
        "police_report",
        850,
        (
            r"(?:incident|offense|police|arrest|crime|complaint|supplement(?:al)?|investigat(?:ion|ive)|event"
            r"|booking|field interview"
            r"|general occurrence|domestic (?:violence|disturbance))(?: ?/ ?(?:offense|incident))? report",
            r"call for service\b.{0,30}|(?:statement of )?probable cause(?: (?:statement|declaration|affidavit))?"
            r"|domestic incident\b.{0,20}"
            r"|parte policial|informe policial|strafanzeige|procès-verbal\b.{0,40}|dépôt de plainte"
            r"|acta de denuncia\b.{0,20}|denuncia|atestado\b.{0,20}|policía (?:nacional|local|municipal)"
            r"|guardia civil|cad incident\b.{0,20}"
            r"|event chronology|crime reference\b.{0,20}",
        ),
        (
            r"police (?:department|service|report|station)|metropolitan police|sheriff's (?:office|department)"
            r"|policía|comisaría",
            r"(?:reporting|responding|investigating) officer|deputy|badge|officer",
            r"suspect|victim|informant|reporting party|complainant|denunciante",
            r"narrative|incident (?:no|number|#)|dispatched|offen[sc]e",
        ),
        (),
        (
            r".{0,30}\b(?:police(?: (?:department|service))?|sheriff's (?:office|department)|constabulary"
            r"|state police|highway patrol)",
        ),
    ),
    Kind(
        "child_welfare_report",
        880,
        (
            r"child (?:protective|protection|welfare|abuse) .{0,30}(?:report|summary|investigation|referral|plan)",
            r"cafcass\b.{0,30}|section (?:7|37|47) report|(?:report|recommendations?) of "
            r"(?:the )?guardian ad litem|guardian ad litem(?:'s)? report",
            r"(?:detention|jurisdiction|disposition|status review)\b.{0,20} report|home study|family report"
            r"|investigation (?:narrative|summary|report)",
            r"(?:cps |child abuse )?intake report|(?:child |family )?(?:safety|case|service) plan|casa report"
            r"|family service plan"
            r"|supervised visit(?:ation)? (?:report|summary|notes?)|jugendamt\b.{0,30}|(?:court|social study) report"
            r"|wellbeing report|"
            r"referral (?:summary|report|disposition)|servicios sociales\b.{0,30}|informe (?:social|psicosocial)",
        ),
        (
            r"child protective services|child welfare|children and family services|children's services"
            r"|\bdcfs\b|\bcps\b|\bacs\b",
            r"social worker|caseworker|case worker|family court advis[eo]r",
            r"(?:un)?substantiated|unfounded|inconclusive|referral|allegation",
            r"guardian ad litem|best interests? of the (?:minor )?child",
        ),
        (),
        (
            r"(?:department of |division of )?(?:children|child|social|human|family)(?:'s)?(?:,| and| &)? ?"
            r"(?:protective |and |family |youth |& |families )*services?.{0,40}",
            r"child (?:protective|protection|welfare|abuse)\b.{0,40}",
        ),
    ),
    Kind(
        "evaluation",
        850,
        (
            r".{0,20}\b(?:child )?custody evaluation(?: report)?|psycho(?:logical|social) (?:evaluation"
            r"|assessment|report)\b.{0,20}|parenting (?:evaluation|assessment)",
            r".{0,20}\b(?:focused|parenting|family|psychosocial|risk|lethality|psychiatric"
            r"|developmental) (?:assessment|evaluation)(?: report)?",
            r"(?:mental health|forensic|neuropsychological|parental fitness|substance abuse) (?:evaluation"
            r"|assessment)\b.{0,20}|evaluation report",
        ),
        (
            r"evaluator",
            r"tests administered|clinical interview|collateral (?:contacts|interviews)",
            r"evidence code section 730",
        ),
    ),
    Kind(
        "birth_certificate",
        400,
        (
            r"(?:certificate|record|certification) of (?:live )?birth|birth certificate|(?:acta|partida"
            r"|certificado) de nacimiento",
        ),
        (r"certificate of live birth|place of birth",),
    ),
    Kind(
        "marriage_certificate",
        300,
        (
            r"(?:certificate|certified copy|licen[cs]e)(?: of)?(?: an entry)?(?: of)? marriage|marriage "
            r"(?:certificate|licen[cs]e)|acta de matrimonio",
        ),
    ),
    Kind(
        "death_certificate",
        300,
        (r"(?:certificate|certified copy)(?: of)?(?: an entry)?(?: of)? death|death certificate|acta de defunción",),
    ),
    Kind(
        "identity_document",
        200,
        (
            r"passport|pasaporte|reisepass|driver'?s? licen[cs]e|driving licence|(?:identity|identification"
            r"|permanent resident) card"
            r"|personalausweis|documento nacional de identidad|credencial para votar|carte (?:nationale )?d'identité",
        ),
    ),
    Kind(
        "medical_record",
        600,
        (
            r"(?:discharge|visit|after[- ]visit|clinical|encounter) summary|(?:progress|clinic|office|nursing"
            r"|consultation|therapy|session) notes?",
            r"(?:[\w-]+ )?vaccination (?:record )?card|(?:immuni[sz]ation|vaccination|medical|health|patient"
            r"|dental) records?|laboratory report|lab "
            r"(?:report|results?)|radiology report|drug screen\b.{0,20}",
            r"(?:discharge|home care|aftercare) instructions|patient (?:report|information|history)|(?:medical"
            r"|doctor'?s) (?:excuse|note|certificate)"
            r"|certificado médico|receta(?: médica)?|certificat médical|psychotherapy\b.{0,20}"
            r"|consultation (?:report|letter)|treatment plan",
            r"(?:treatment|dental|soap|well[- ]child|telehealth|triage|counsel(?:l)?ing) (?:notes?|visit"
            r"|summary).{0,20}"
            r"|(?:dna |genetic )(?:paternity )?test.{0,20}",
            r"(?:emergency department|history and physical|operative|pathology) .{0,30}|prescription"
            r"|after visit summary|informe (?:médico|clínico|de (?:urgencias|alta|consulta))\b.{0,20}"
            r"|centro de salud\b.{0,40}|historia clínica|arztbrief|befund",
        ),
        (
            r"patient(?: name)?|paciente|mrn|medical record (?:no|number)|nhs number",
            r"diagnos[ie]s|chief complaint|assessment|impression|diagnóstico|prognosis",
            r"attending|physician|provider|m\.?d\.?|d\.?d\.?s\.?|r\.?n\.?|pediatrician|gp surgery|doctor|médico",
            r"treatment notes?|pt\.? (?:presented|seen|states|reports)|toxicology|specimen id",
            r"medications?|dosage|vitals|allerg(?:y|ies)|immuni[sz]ation|vaccine|dtap|mmr|specimen|collected|lab",
            r"date of (?:birth|visit|service)|d\.?o\.?b\.?|admit(?:ted)?|discharged?",
        ),
        (),
        (r".{0,30}\b(?:hospital|medical center|clinic|pediatrics|nhs)\b.{0,30}",),
    ),
    Kind(
        "school_record",
        550,
        (
            r"report card\b.{0,30}|(?:progress|attendance|student incident|disciplin(?:e|ary)|behaviou?r"
            r"|school) (?:report|record|summary|referral|notice|letter)\b.{0,20}",
            r"individuali[sz]ed education (?:program|plan)\b.{0,10}|section 504 plan|ehc plan"
            r"|education,? health and care plan|(?:student|academic|school) (?:record|transcript)\b.{0,20}",
            r"student (?:schedule|profile|information)\b.{0,20}|(?:pupil|end of year|annual school) report\b.{0,30}"
            r"|emergency card"
            r"|constancia de estudios|certificat de scolarité|notice of suspension|suspension notice"
            r"|truancy\b.{0,20}|permission slip",
            r"enrol?lment (?:form|record|verification)|informe escolar|faltas de asistencia|boletín de "
            r"(?:calificaciones|notas)"
            r"|boleta de calificaciones|(?:schul)?zeugnis|bulletin scolaire",
        ),
        (
            r"student(?:'s)?(?: name)?|pupil|alumn[oa]|schüler(?:in)?",
            r"teacher|homeroom|principal|counselor|head ?teacher|maestr[oa]|director[a]?",
            r"grade(?: level)?:? ?\d+|\d+(?:st|nd|rd|th) grade|year \d+|(?:tri|se)mester|term \d|tercer grado"
            r"|ciclo escolar",
            r"unexcused|tard(?:y|ies)|absen(?:t|ces)|attendance|days absent|enrolled",
        ),
        (),
        (
            r".{0,40}\b(?:school district|elementary school|middle school|high school|primary school|preschool"
            r"|escuela .{1,30})",
        ),
    ),
    Kind(
        "pay_stub",
        350,
        (
            r"earnings statement|pay ?(?:stub|slip|check stub|roll)|payroll (?:statement|advice)"
            r"|wage statement|pay (?:statement|advice)|(?:recibo de )?nómina|recibo individual\b.{0,60}"
            r"|gehaltsabrechnung"
            r"|bulletin de (?:paie|salaire)|lohnabrechnung|entgeltabrechnung|direct deposit advice|advice of deposit"
            r"|leave and earnings\b.{0,20}",
        ),
        (
            r"gross pay|net pay|gross wages|net wages|net:?\W*[\d,]+\.\d\d|neto a (?:pagar|percibir)|net à payer",
            r"pay (?:period|date|begin|end)|period (?:begin|end)\w*|check (?:date|dt)",
            r"ytd|year to date",
            r"employee(?: id| no)?",
            r"devengado|líquido (?:total )?a percibir|percepciones|deducciones",
            r"paye|fica|national insurance"
            r"|withholding|superannuation",
        ),
    ),
    Kind(
        "tax_form",
        350,
        (
            r"form (?:w-?2|1040|1099|w-?4|p60|p45|t4)\b.{0,60}|(?:wage and tax|tax) (?:statement|return)\b.{0,30}"
            r"|schedule (?:c|k-?1)\b.{0,40}|avis d['’]imposition\b.{0,20}|steuerbescheid|declaración de la renta"
            r"|.{0,20}withholding certificate"
            r"|.{0,20}income tax return\b.{0,20}|notice of assessment|t4 statement\b.{0,30}|p60.{0,30}",
        ),
        (
            r"adjusted gross income|internal revenue|hmrc|filing status",
            r"social security number",
            r"employer(?:'s)? identification|employer(?:'s)? name",
            r"taxable income|wages",
        ),
    ),
    Kind(
        "financial_record",
        350,
        (
            r"(?:account|bank|billing|credit card|card|mortgage|loan|monthly|payment|savings|checking) "
            r"(?:statement|summary|history|activity)\b.{0,20}"
            r"|statement(?: of (?:account|assets|benefits|charges|earnings)\b.{0,20}| for (?!prof).{1,30}"
            r"| \d\b.{0,30}|(?!\s+(?:of|for)\b))"
            r"|transaction (?:history|details?)|profit and loss\b.{0,30}|credit report|quarterly statement"
            r"|benefits? (?:statement|letter)|budget",
            r"(?:child support )?payment (?:history|record|ledger)|child support (?:account|guideline)\b.{0,30}"
            r"|extracto (?:bancario|de cuenta)|kontoauszug|relevé de compte|financial (?:statement|disclosure)",
            r"(?:wire |bank )?transfer (?:confirmation|receipt)",
        ),
        (
            r"(?:opening|closing|ending|beginning|available|previous|new) balance|balance (?:forward|brought forward)",
            r"account (?:number|no)|sort code|iban|routing",
            r"deposits?|withdrawals?|debit|credit|direct deposit|overdraft",
            r"statement (?:period|date)|transactions?",
        ),
        (),
        (r".{0,30}\b(?:bank|savings|credit union)(?: .{0,15})?",),
    ),
    Kind(
        "agreement",
        500,
        (
            r".{0,40}\b(?<!plea )agreement(?: (?:and|for|of|re:?) .{0,40})?|(?:attorney-client |fee |retainer "
            r"|lease |rental |employment |service |settlement )*contract(?: .{0,20})?",
            r"(?:joint |agreed )?parenting plan\b.{0,20}|stipulation(?! and order)(?: .{0,40})?"
            r"|residential lease\b.{0,20}|(?:contrato|convenio|acuerdo)(?: .{0,40})?|memorandum of understanding"
            r"|mietvertrag",
        ),
        (
            r"(?:is )?(?:made|entered into)\b.{0,40}(?:between|by and between)",
            r"the parties (?:stipulate|agree|hereby agree)",
            r"landlord|tenant|lessee",
            r"hereinafter",
        ),
    ),
    Kind(
        "invoice",
        250,
        (
            r"(?:tax |pro forma )?invoice(?: .{0,20})?|(?:billing|itemi[sz]ed) (?:statement|bill)|bill|factura"
            r"(?: .{0,15})?|rechnung(?: .{0,15})?|facture(?: .{0,15})?|statement (?:of|for) (?:professional "
            r"|legal )?(?:services|fees)\b.{0,20}|fee note"
            r"|account rendered|minuta de honorarios",
        ),
        (
            r"amount due|balance due|total due|please pay|due date|payment due",
            r"bill(?:ed)? to",
            r"invoice (?:no|number|date|#)|rechnungsnummer|payment terms|net 30",
            r"hourly rate|hours",
        ),
    ),
    Kind(
        "receipt",
        150,
        (
            r"(?:sales |cash |payment |official )?receipt(?: .{0,15})?"
            r"|(?:[a-z ]{2,12} )?payment confirmation(?: .{0,15})?|recibo(?: .{0,15})?|quittung|kassenbon|ticket",
        ),
        (
            r"sub-?total:?\W*[$€£]? ?\d.*|zwischensumme.*",
            r"(?:grand )?total:?\W*(?:eur |usd |mxn )?[$€£]? ?\d.*|summe:?\W*(?:eur)?.*\d.*|importe.*\d.*",
            r"(?:cash|change|tendered|cambio|efectivo|geg\.|rückgeld|bar)\b.*\d?.*",
            r"visa|mastercard|amex|debit card|ec-cash|contactless|tarjeta|girocard",
            r"thank you for (?:shopping|your (?:purchase|visit|payment|business))|vielen dank|gracias por su "
            r"(?:compra|visita)|merci de votre visite",
            r"sales tax|tax\W+\d.*|vat\b.*\d.*|iva\b.*\d.*|gst\b.*\d.*|mwst\b.*",
            r"debit|approved|auth(?:orization)? (?:code|no|#)|change due|items sold|contado",
            r"you (?:sent|paid)\W.*|payment sent.*",
            r"cashier|register|store #?\d+|received from|paid in full",
        ),
    ),
    Kind(
        "fax",
        300,
        (r"fax(?: .{0,80})?|facsimile\b.{0,40}|fax cover (?:sheet|page)",),
        (r"(?:no\. of )?pages?(?: \(?incl\b.{0,15})?: ?\d+",),
    ),
    Kind(
        "call_log",
        300,
        (r"(?:call|phone|telephone) (?:log|history|records?|detail)s?.{0,20}", r"recents|recent calls"),
        (r"missed call|outgoing call|incoming call",),
    ),
    Kind(
        "log",
        400,
        (
            r".{0,30}\b(?:log|diary|journal|calendar|registro de visitas|timeline|chronology|sign-in sheet|tracker"
            r"|visit notes"
            r"|diario|bitácora|tagebuch)(?: .{0,15})?",
        ),
        (),
    ),
    Kind(
        "letter",
        450,
        (),
        (
            r"via (?:e-?mail|fax|u\.?s\.? mail|certified mail|first class|hand delivery)\b.{0,40}"
            r"|certified mail\b.{0,30}",
            r"\bour ref\b.{0,20}|\byour ref\b.{0,20}",
            r"law offices? of .{0,40}",
        ),
    ),
    Kind("email", 500, (r"gmail - .{0,60}|outlook .{0,20}",), ()),
    Kind(
        "text_messages",
        500,
        (
            r"(?:i)?message (?:report|history|export|thread)\b.{0,20}|talking ?parents\b.{0,20}"
            r"|our ?family ?wizard\b.{0,20}|whatsapp\b.{0,40}|imessage\b.{0,40}|text messages?(?: .{0,30})?|sms"
            r"(?: .{0,30})?|chat (?:history|with) .{0,30}|appclose\b.{0,20}|facebook messenger\b.{0,20}",
        ),
        (
            r"imessage",
            r"delivered",
            r"read \d{1,2}:\d\d ?[ap]m|read receipt",
            r"end-to-end encrypted",
            r"missed (?:voice|video) call",
            r"first viewed",
        ),
    ),
    Kind("photo", 300, (r"img_\d+.*|dsc_?\d+.*|photo(?:graph)?(?: .{0,30})?|screenshot\b.{0,30}|foto(?:grafía)?",), ()),
)
OTHER_RELEVANCY = 100
