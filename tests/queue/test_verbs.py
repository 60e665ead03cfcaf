"""What the programs may call is what the database grants: the same functions, with the same parameters."""

import inspect

from control_plane.database import enums
from control_plane.database.asking_functions import AskingFunctions
from control_plane.database.connection import Connection
from control_plane.database.door_functions import DoorFunctions
from control_plane.database.functions import Functions
from control_plane.database.health_functions import HealthFunctions
from control_plane.database.pair_functions import PairFunctions
from control_plane.workers.routes import FAULTS, GoodbyeBody
from gpu_worker import enums as worker_enums
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.material import Material
from gpu_worker.analysis_worker.case_queue import CaseQueue, DueDocument
from gpu_worker.analysis_worker.queue import AnalysisQueue, StoredAnalysis
from gpu_worker.case.shapes import Facts
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.job import Job, Lease
from gpu_worker.result import MachineReport

GRANTED = """
    select p.proname as name, p.proargnames[1:p.pronargs] as parameters, p.pronargdefaults as defaults
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and has_function_privilege(%s, p.oid, 'execute')
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""


def methods_of(kind: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(method).parameters)[1:]
        for base in kind.__mro__
        for name, method in vars(base).items()
        if inspect.isfunction(method) and not name.startswith("_") and not hasattr(Connection, name)
    }


def test_the_control_plane_has_a_method_for_each_function_it_may_call(queue):
    granted = {row["name"]: row["parameters"] or [] for row in queue.rows(GRANTED, "service_role")}
    kinds = (Functions, PairFunctions, AskingFunctions, HealthFunctions, DoorFunctions)
    assert {name: named for kind in kinds for name, named in methods_of(kind).items()} == granted


class Recorder(Rpc):
    """Calls of the database, written down instead of sent."""

    def __init__(self) -> None:
        self.calls: dict[str, set[str]] = {}

    def call(self, function, arguments, answer, retry_seconds=None) -> list:
        self.calls[function] = set(arguments)
        return []


def test_the_worker_has_a_method_for_each_function_it_may_call(queue):
    granted = {row["name"]: set(row["parameters"] or []) for row in queue.rows(GRANTED, "gpu_worker")}
    job = Job("job", "document", "lease", 1, "name", "0" * 64, False)
    recorder = Recorder()
    worker = JobQueue(recorder)
    worker.claim_jobs(1, 60)
    worker.heartbeat_jobs([Lease(job)], 60, MachineReport(None, "onnx", None, 0, 0))
    worker.fail_job(job, "code", "message", retry=True)
    worker.release_jobs([Lease(job)], broken=False)
    assert methods_of(JobQueue).keys() == granted.keys()
    assert recorder.calls == granted


def test_each_enum_is_what_a_column_may_hold(queue):
    columns = {
        "processing_jobs.status": enums.JobStatus,
        "processing_jobs.kind": enums.JobKind,
        "processing_jobs.priority": enums.Priority,
        "processing_jobs.placement": enums.Placement,
        "master_document_registry.source": enums.Source,
        "batches.status": enums.BatchStatus,
        "document_pages.outcome": enums.PageOutcome,
        "analysis_runs.outcome": enums.RunOutcome,
        "backups.kind": enums.BackupKind,
        "backups.outcome": enums.BackupOutcome,
        "doors.name": enums.DoorName,
        "doors.status": enums.DoorStatus,
        "document_findings.kind": enums.FindingKind,
        "document_claims.kind": enums.ClaimKind,
        "document_claims.state": enums.QuoteState,
        "document_transcriptions.kind": enums.TranscriptionKind,
        "machines.hosting": enums.Hosting,
        "machines.status": enums.MachineStatus,
        "machines.blame": enums.Blame,
        "machines.verdict": enums.Decision,
        "machines.log_word": enums.LogWord,
        "hardware_blocks.kind": enums.HardwareKind,
        "renting.status": enums.RentingStatus,
        "claude_calls.outcome": enums.CallOutcome,
        "claude_message_batches.status": enums.MessageBatchStatus,
        "events.kind": enums.EventKind,
        "accounts.role": enums.Role,
        "access_log.via": enums.Via,
        "access_log.action": enums.Action,
        "pairs.kind": enums.PairKind,
        "pairs.state": enums.PairState,
        "pairs.verdict": enums.Verdict,
        "pairs.verdict_by": enums.VerdictBy,
    }
    for column, kind in columns.items():
        assert words_of(queue, column) == set(kind), column


def test_the_worker_says_the_words_that_the_queue_and_the_control_plane_know(queue):
    assert words_of(queue, "document_pages.outcome") == {*worker_enums.Outcome, "skipped"}
    assert words_of(queue, "document_findings.kind") == set(worker_enums.FindingKind)
    assert words_of(queue, "document_claims.kind") == set(worker_enums.ClaimKind)
    assert words_of(queue, "document_claims.state") == set(worker_enums.QuoteState)
    assert words_of(queue, "document_transcriptions.kind") == set(worker_enums.TranscriptionKind)
    assert set(FAULTS) == set(worker_enums.Fault)
    for fault in worker_enums.Fault:
        assert GoodbyeBody.model_validate({"fault": fault.value}).fault == fault


def test_the_analysis_worker_has_a_method_for_each_function_it_may_call(queue):
    granted = {row["name"]: set(row["parameters"] or []) for row in queue.rows(GRANTED, "analysis_worker")}
    job, recorder = Job("job", "document", "lease", 1, "name", "0" * 64, True), Recorder()
    worker = AnalysisQueue(recorder)
    worker.claim(1, 60, "prompt")
    worker.heartbeat([job], 60)
    worker.complete(job, Judging(Material("name", "text/plain", ())).plain, StoredAnalysis("key", 1, "0" * 64), 0.1)
    worker.postpone(job, "day_cap", 60)
    worker.fail(job, "code", "message", retry=True)
    worker.release([job])
    worker.get_comparison(job)
    worker.complete_comparison(job, [])
    case = CaseQueue(recorder)
    case.claim(1, 1, 60)
    case.find_near("document", [1])
    case.store(DueDocument("document", "", "", "name", None, None, None, None, None, None), 1, Facts("note"))
    case.names_to_settle(1)
    case.decisions(["key"])
    case.settle_names([], [], [])
    case.times_to_settle(1)
    case.settle_times({})
    case.propose_pairs(1)
    assert {name: parameters - {"worker"} for name, parameters in granted.items()} == recorder.calls


def words_of(queue, column: str) -> set[str]:
    """The words that a column's own constraint allows."""
    table, _, name = column.partition(".")
    (row,) = queue.rows(
        "select pg_get_constraintdef(oid) as words from pg_constraint where conrelid = %s::regclass"
        " and contype = 'c' and conkey = array[(select attnum from pg_attribute where attrelid = %s::regclass"
        " and attname = %s)]",
        table, table, name,
    )  # fmt: skip
    return set(row["words"].split("'")[1::2])
