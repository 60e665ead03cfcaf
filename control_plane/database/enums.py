"""The words a column may hold, once each, spelled as in SQL (pure); a test holds them against SQL's own constraints."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

Word = TypeVar("Word", bound=StrEnum)


def find_word(kind: type[Word], value: str | None) -> Word | None:
    """The enum's member that is spelled so; None where there is none."""
    return next((word for word in kind if word == value), None)


class JobStatus(StrEnum):
    """`processing_jobs.status`."""

    QUEUED = "queued"  # enqueue_jobs, a retry, a hand-back
    PROCESSING = "processing"  # claim_jobs
    COMPLETED = "completed"  # complete_job
    FAILED = "failed"  # fail_job at the last attempt, or the last death
    CANCELLED = "cancelled"  # cancel_job, a stopped batch


class JobKind(StrEnum):
    """`processing_jobs.kind`."""

    READ = "read"  # a machine with a GPU
    ANALYSE = "analyse"  # the analysis worker: Claude judges what was read
    COMPARE = "compare"  # the analysis worker: Claude judges the pairs that a document proposed
    CHECK = "check"  # another machine reads it once more, to be compared with what is shown


class Priority(StrEnum):
    """What is claimed first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Placement(StrEnum):
    """Whose hardware may see a document."""

    ANY_HOST = "any_host"
    DATACENTER_ONLY = "datacenter_only"
    LOCAL_ONLY = "local_only"


class Source(StrEnum):
    """Which door a file came in by."""

    UPLOAD = "upload"
    TELEGRAM = "telegram"
    BUCKET = "bucket"
    DRIVE = "drive"
    MAIL = "mail"


class BatchStatus(StrEnum):
    """`batches.status`."""

    OPEN = "open"  # takes files; nothing scans for it
    RUNNING = "running"  # a scan adds objects
    PAUSED = "paused"  # nothing of it is claimed
    STOPPED = "stopped"  # what waited was cancelled
    COMPLETED = "completed"  # scanned, and every job ended


class PageOutcome(StrEnum):
    """`document_pages.outcome`: what became of a page."""

    TEXT_LAYER = "text_layer"  # read, not recognised
    OCR = "ocr"
    OCR_FALLBACK = "ocr_fallback"  # a second engine
    BLANK = "blank"
    UNREADABLE = "unreadable"  # tried; the reason says why
    SKIPPED = "skipped"  # not tried; the reason says why


class FindingKind(StrEnum):
    """`document_findings.kind`."""

    CONTRADICTION = "contradiction"
    PERJURY = "perjury"
    ORDER_VIOLATION = "order_violation"
    FRAUD_INDICATOR = "fraud_indicator"


class QuoteState(StrEnum):
    """`document_claims.state`: how quoted words stand in their document."""

    EXACT = "exact"
    OCR = "ocr"  # but for misread letters
    PICTURE = "picture"  # seen in a page's picture, not in its text
    ELSEWHERE = "elsewhere"  # on another page than was said
    NONE = "none"


class ClaimKind(StrEnum):
    """`document_claims.kind`."""

    PARTY = "party"
    DATE = "date"
    AMOUNT = "amount"
    CASE_NUMBER = "case_number"
    COURT = "court"
    FACT = "fact"
    FINDING = "finding"
    SCORE = "score"


class TranscriptionKind(StrEnum):
    """`document_transcriptions.kind`."""

    HANDWRITING = "handwriting"
    CHAT = "chat"


class Judged(StrEnum):
    """How much of a document somebody searched for contradictions and warning signs."""

    ALL = "all"
    PART = "part"
    NONE = "none"


class AnalysisStatus(StrEnum):
    """How a document that was read stands with Claude."""

    WAITING = "waiting"  # in the line; the reason says for what
    JUDGING = "judging"
    JUDGED = "judged"
    PART = "part"  # not all of it
    SORTED = "sorted"  # by plain rules; the reason says why
    FAILED = "failed"  # judging it failed; plain rules sorted it


class RunOutcome(StrEnum):
    """`analysis_runs.outcome`."""

    JUDGED = "judged"
    PART = "part"
    SORTED = "sorted"


class DoorName(StrEnum):
    """`doors.name`: the vendors that can refuse all of us at once."""

    CLAUDE = "claude"
    VAST = "vast"
    STORAGE = "storage"
    DRIVE = "drive"
    TELEGRAM = "telegram"
    MAILBOX = "mailbox"


class DoorStatus(StrEnum):
    """`doors.status`."""

    NO_KEY = "no_key"  # Claude's only
    OPEN = "open"
    PAUSED = "paused"  # the vendor refuses all of us, or a person said so


class Hosting(StrEnum):
    """Whose hardware a machine is."""

    COMMUNITY = "community"
    DATACENTER = "datacenter"
    LOCAL = "local"


class Blame(StrEnum):
    """`machines.blame`: whose fault a machine's end was; none where nobody's."""

    MACHINE = "machine"  # it is not rented again for a while
    OURS = "ours"  # our image or settings: the next machine would fail as well


class Decision(StrEnum):
    """`machines.verdict`: what becomes of a machine, from all that is known of it."""

    ADOPT = "adopt"  # the contract under its label is ours
    KEEP = "keep"
    WAIT = "wait"  # something is not known yet, or speaks against it and is not believed alone
    HEDGE = "hedge"  # wait, and rent another beside it if there is work
    END = "end"
    RETURN = "return"  # its end is decided: until lists and bill agree


class LogWord(StrEnum):
    """`machines.log_word`: what a machine's own log ended with."""

    WORKS = "works"
    UNREACHED = "unreached"  # it cannot reach us
    UNFIT = "unfit"  # its worker says that it cannot work there
    OURS = "ours"  # the image does not start
    DIED = "died"
    LEFT = "left"


class HardwareKind(StrEnum):
    """`hardware_blocks.kind`."""

    MACHINE = "machine"
    HOST = "host"


class RentingStatus(StrEnum):
    """`renting.status`."""

    ON = "on"
    PAUSED = "paused"  # nothing new is rented; what runs finishes its work


class CallOutcome(StrEnum):
    """`claude_calls.outcome`: what became of a call."""

    ANSWERED = "answered"
    REFUSED = "refused"  # an answer too: Claude declined
    FAILED = "failed"  # nothing was charged
    UNKNOWN = "unknown"  # no answer came: counted at the worst case


class MessageBatchStatus(StrEnum):
    """`claude_message_batches.status`."""

    SENDING = "sending"  # recorded; whether Anthropic has it is not known
    SENT = "sent"
    ENDED = "ended"  # every result was seen
    LOST = "lost"  # Anthropic never had it: nothing was charged


class EventKind(StrEnum):
    """`events.kind`."""

    JOB_QUEUED = "job_queued"
    JOB_CLAIMED = "job_claimed"
    JOB_COMPLETED = "job_completed"
    JOB_FAILED = "job_failed"
    JOB_RETRIED = "job_retried"  # it waits before its next attempt
    JOB_RELEASED = "job_released"  # handed back unharmed
    JOB_REQUEUED = "job_requeued"  # its worker died
    PART_LINKED = "part_linked"  # it was found inside another document
    BINDER_MADE = "binder_made"  # a person put its pages together
    BINDER_DISSOLVED = "binder_dissolved"  # and apart again
    DECIDED = "decided"  # a person judged it: tags, notes, corrections, marks
    JOB_CANCELLED = "job_cancelled"
    JOB_CHOICES = "job_choices"  # a person said where it may be read
    ANALYSIS_QUEUED = "analysis_queued"
    ANALYSIS_COMPLETED = "analysis_completed"
    ANALYSIS_FAILED = "analysis_failed"
    ANALYSIS_CANCELLED = "analysis_cancelled"
    DOCUMENT_DUPLICATE = "document_duplicate"
    PASSWORDS_GIVEN = "passwords_given"  # a machine holds a locked document and was given what may open it
    READING_DISPUTED = "reading_disputed"  # another machine read something else; a third one decides
    FILE_REFUSED = "file_refused"
    BATCH_STARTED = "batch_started"
    BATCH_RUNNING = "batch_running"
    BATCH_PAUSED = "batch_paused"
    BATCH_STOPPED = "batch_stopped"
    BATCH_COMPLETED = "batch_completed"
    MACHINE_RENTED = "machine_rented"
    MACHINE_ENDED = "machine_ended"
    ALARM_RAISED = "alarm_raised"  # for people
    ALARM_STANDS = "alarm_stands"  # for another day
    ALARM_CLEARED = "alarm_cleared"
    DOOR_PAUSED = "door_paused"  # an alarm tells people, but for a pause by hand
    DOOR_RESUMED = "door_resumed"
    ACCESSED = "accessed"  # an entry of the access log
    RECORD_SIGNED = "record_signed"  # the head of the record, for whoever keeps it outside
    ORIGINAL_LOST = "original_lost"  # the bucket has its bytes no more
    ORIGINAL_KEPT = "original_kept"  # they were found, or moved under a name of ours


class MachineStatus(StrEnum):
    """`machines.status`."""

    INTENT = "intent"  # the row is written, Vast.ai may or may not have been asked
    BOOTING = "booting"  # rented; pulls its image and starts its worker
    READY = "ready"  # its worker has reported
    DESTROYING = "destroying"  # its end is decided; billed until two good lists lack it
    DESTROYED = "destroyed"  # gone; seen again, it goes back to destroying

    @property
    def is_live(self) -> bool:
        """True until the machine's end is decided."""
        return self in (MachineStatus.INTENT, MachineStatus.BOOTING, MachineStatus.READY)


class Role(StrEnum):
    """`accounts.role`."""

    OWNER = "owner"  # everything
    HELPER = "helper"  # reads, brings files in, judges and corrects
    LAWYER = "lawyer"  # reads


class Via(StrEnum):
    """`access_log.via`: by what somebody was known."""

    ROOT = "root"  # CONTROL_PLANE_TOKEN
    SESSION = "session"
    TOKEN = "token"
    NONE = "none"  # somebody who signs in or accepts an invitation


class Action(StrEnum):
    """`access_log.action`."""

    SAW = "saw"
    SEARCHED = "searched"
    DOWNLOADED = "downloaded"
    UPLOADED = "uploaded"
    DECIDED = "decided"
    MANAGED = "managed"  # money, machines, people, keys
    REFUSED = "refused"  # a role or token that may not
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_CODE = "wrong_code"  # after the right password
    JOINED = "joined"


class PairKind(StrEnum):
    """`pairs.kind`."""

    CONTRADICTION = "contradiction"
    ORDER_VIOLATION = "order_violation"  # a term of an order against a later event
    CHANGED_STATEMENT = "changed_statement"  # the same person at two times
    CORROBORATION = "corroboration"


class PairState(StrEnum):
    """`pairs.state`: what a person said of it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"
    LATER = "later"


class Verdict(StrEnum):
    """`pairs.verdict`: what rules or Claude say of it."""

    CONFLICT = "conflict"
    NO_CONFLICT = "no_conflict"
    CANNOT_TELL = "cannot_tell"


class VerdictBy(StrEnum):
    """`pairs.verdict_by`."""

    RULES = "rules"
    CLAUDE = "claude"


class BackupKind(StrEnum):
    """`backups.kind`: made, tried in a scratch database, or brought back."""

    BACKUP = "backup"
    TRIAL = "trial"
    RESTORE = "restore"


class BackupOutcome(StrEnum):
    """`backups.outcome`: `damaged` is there, but holds objects that are not what the ledger knows."""

    DONE = "done"
    DAMAGED = "damaged"
    FAILED = "failed"
