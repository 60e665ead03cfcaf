"""Wire: what the case room asks of the control plane beside what the dashboard asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from dashboard import answers
from dashboard.api_client import MOST_ROWS, Answer, ApiClient, error_of
from dashboard.errors import ControlPlaneAway

OF_MATTER = (
    "/api/documents", "/api/facets", "/api/findings", "/api/reminders", "/api/case/people", "/api/case/events",
    "/api/case/terms", "/api/case/pairs", "/api/case/pairs/counts", "/api/case/statements",
)  # fmt: skip
"""Lists and counts that are of the matter which somebody works on; so is a person's card."""
A_PERSON = "/api/case/people/"


class CaseApi(ApiClient):
    """The control plane's routes for work on evidence, asked in the name of whoever asks us (`bearer`).

    Lists are of the `matter` that they work on; None: of all.
    """

    def __init__(
        self, base_url: str, bearer: Callable[[], str], transport: httpx.BaseTransport | None = None,
        matter: Callable[[], str | None] = lambda: None,
    ):  # fmt: skip
        super().__init__(base_url, "", transport)
        self._matter = matter

        def sign(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = f"Bearer {bearer()}"
            return request

        self._http.auth = sign

    def _ask(self, kind: type[Answer], method: str, path: str, **options: Any) -> Answer:
        if method == "GET" and (path in OF_MATTER or path.startswith(A_PERSON)):
            options["params"] = {**options.get("params", {}), "matter_id": self._matter()}
        return super()._ask(kind, method, path, **options)

    def page(self, document_id: str, page: int) -> answers.PageOfWords:
        """A page's text, and where its words stand."""
        return self._ask(answers.PageOfWords, "GET", f"/api/documents/{document_id}/pages/{page}")

    def picture(self, document_id: str, wanted: str | None) -> httpx.Response:
        """The file that shows a document's pages, or the `wanted` range of its bytes, not read yet: close it."""
        headers = {"Range": wanted} if wanted else {}
        return self._stream("GET", f"/api/documents/{document_id}/picture", headers=headers)

    def zip_of(
        self, documents: Sequence[str] | None, search: Mapping[str, str] | None, what: str
    ) -> httpx.Response:  # fmt: skip
        """Papers, or all that a search means, as a ZIP, not read yet: close it. `what`: original or searchable."""
        return self._stream("POST", "/api/documents/zip", json={**self._which(documents, search), "what": what})

    def _stream(self, method: str, path: str, **options: Any) -> httpx.Response:
        request = self._http.build_request(method, path, **options)
        try:
            response = self._http.send(request, stream=True)
            if not response.is_success:
                response.read()
        except httpx.HTTPError as error:
            raise ControlPlaneAway(type(error).__name__) from error
        if not response.is_success:
            raise error_of(response)
        return response

    def facets(self, **search: Any) -> answers.Facets:
        """What a search means, counted by type, person, source, folder, tag, year, status and sensitivity."""
        return self._ask(answers.Facets, "GET", "/api/facets", params=search)

    def refused(self, cursor: str | None = None) -> answers.RefusedPage:
        """A page of the files that were not taken in, the newest first."""
        return self._ask(answers.RefusedPage, "GET", "/api/refused-files", params={"limit": 50, "cursor": cursor})

    def findings(self, limit: int, cursor: str | None = None, kind: str | None = None) -> answers.FindingPage:
        """A page of findings whose words stand, the gravest first."""
        return self._ask(answers.FindingPage, "GET", "/api/findings",
                         params={"limit": limit, "cursor": cursor, "kind": kind})  # fmt: skip

    def reminders(self, when: str, limit: int, cursor: str | None = None) -> answers.ReminderPage:
        """Days to keep in mind; `when`: next, past or done."""
        params = {"when": when, "limit": limit, "cursor": cursor}
        return self._ask(answers.ReminderPage, "GET", "/api/reminders", params=params)

    def add_reminder(self, day: str, text: str) -> answers.Kept:
        """Write a day down."""
        return self._ask(answers.Kept, "POST", "/api/reminders", json={"day": day, "text": text})

    def set_reminder(self, reminder_id: str, is_done: bool) -> answers.Kept:
        """Be done with a day, or not."""
        return self._ask(answers.Kept, "PUT", f"/api/reminders/{reminder_id}", json={"is_done": is_done})

    def views(self) -> list[answers.SavedView]:
        """Searches that people keep."""
        return self._ask(answers.SavedViews, "GET", "/api/views").views

    def keep_view(self, name: str, search: Mapping[str, str], sort: str, order: str) -> answers.SavedView:
        """Keep a search under a name."""
        body = {"name": name, "search": typed(search), "sort": sort, "order": order}
        return self._ask(answers.SavedView, "POST", "/api/views", json=body)

    def end_view(self, view_id: str) -> answers.Kept:
        """Keep a search no more; its papers stay as they are."""
        return self._ask(answers.Kept, "DELETE", f"/api/views/{view_id}")

    def papers(self, search: Mapping[str, str]) -> Iterator[answers.ListedDocument]:
        """All that a search means, the newest first, read page by page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.documents(**search, limit=MOST_ROWS, cursor=cursor)
            yield from page.documents
            cursor = page.next

    # What a person says of papers

    def decide(
        self, documents: Sequence[str] | None, why: str = "", search: Mapping[str, str] | None = None, **said: Any
    ) -> answers.Decided:
        """Say something of papers, or of all that a search means, all or none.

        `said`: add_tags, remove_tags, important, sensitivity, correct, take_back, exhibit.
        """
        body = {"why": why, **self._which(documents, search), **said}
        return self._ask(answers.Decided, "POST", "/api/decisions", json=body)

    def _which(self, documents: Sequence[str] | None, search: Mapping[str, str] | None) -> dict[str, Any]:
        """Papers as a body names them: each, or those that a search means in this matter."""
        if documents is not None:
            return {"documents": list(documents)}
        matter = self._matter()
        return {"search": typed(search or {}) | ({"matter_id": matter} if matter else {})}

    def undo(self, decision_id: str) -> answers.Decided:
        """Take a decision back, for all its papers."""
        return self._ask(answers.Decided, "POST", f"/api/decisions/{decision_id}/undo", json={})

    def decisions(self, **which: Any) -> answers.DecisionPage:
        """What people decided, the newest first; which: document_id, limit, cursor."""
        return self._ask(answers.DecisionPage, "GET", "/api/decisions", params=which)

    def add_note(self, document_id: str, **note: Any) -> answers.Note:
        """A note on a document: text, and page, start, quote or box where it is put on a place."""
        said = {name: value for name, value in note.items() if value not in (None, "")}
        return self._ask(answers.Note, "POST", f"/api/documents/{document_id}/notes", json=said)

    def end_note(self, document_id: str, note_id: str) -> answers.Decided:
        """Take a note away."""
        return self._ask(answers.Decided, "DELETE", f"/api/documents/{document_id}/notes/{note_id}")

    def add_mark(self, document_id: str, **mark: Any) -> answers.Mark:
        """Words as a statement or an event: page, start, quote, and speaker_id, people, event where they are said."""
        said = {name: value for name, value in mark.items() if value}
        return self._ask(answers.Mark, "POST", f"/api/documents/{document_id}/marks", json={"start": 0, **said})

    def end_mark(self, document_id: str, mark_id: str) -> answers.Decided:
        """Take a mark away."""
        return self._ask(answers.Decided, "DELETE", f"/api/documents/{document_id}/marks/{mark_id}")

    def correct_line(self, document_id: str, page: int, line: int, read: str, text: str | None) -> answers.Decided:
        """What a line says; None: what was read there after all."""
        body = {"page": page, "line": line, "read": read, "text": text}
        return self._ask(answers.Decided, "PUT", f"/api/documents/{document_id}/lines", json=body)

    def mark_finding(self, document_id: str, finding_id: int, is_wrong: bool, why: str) -> answers.Decided:
        """Whether a finding is wrong."""
        body = {"is_wrong": is_wrong, "why": why}
        return self._ask(answers.Decided, "PUT", f"/api/documents/{document_id}/findings/{finding_id}", json=body)

    def matters(self) -> list[answers.Matter]:
        """All matters, the first one first."""
        return self._ask(answers.Matters, "GET", "/api/case/matters").matters

    def begin_matter(self, name: str) -> answers.Matter:
        """A new matter, without papers yet."""
        return self._ask(answers.Matter, "POST", "/api/case/matters", json={"name": name})

    def set_matter(
        self, matter_id: str, documents: Sequence[str] | None, search: Mapping[str, str] | None, belongs: bool
    ) -> int:
        """Put papers, or all that a search means, into a matter or out of it; how many were changed."""
        body = {**self._which(documents, search), "belongs": belongs}
        return self._ask(answers.Moved, "POST", f"/api/case/matters/{matter_id}/documents", json=body).changed

    # The case: people, events, pairs of statements

    def people(self, **which: Any) -> answers.People:
        """People, those of most papers first; which: q, limit, cursor."""
        return self._ask(answers.People, "GET", "/api/case/people", params=which)

    def person(self, person_id: str) -> answers.KnownPerson:
        """A person with all spellings and what was decided about them."""
        return self._ask(answers.KnownPerson, "GET", f"/api/case/people/{person_id}")

    def statements(self, **which: Any) -> answers.Statements:
        """Statements of a person, a document or an event: person_id, document_id, event_id, limit, cursor."""
        return self._ask(answers.Statements, "GET", "/api/case/statements", params=which)

    def merge_people(self, person_id: str, other_id: str, why: str) -> answers.Merged:
        """Two people are one."""
        body = {"other_id": other_id, "why": why or None}
        return self._ask(answers.Merged, "POST", f"/api/case/people/{person_id}/merge", json=body)

    def split_person(self, person_id: str, keys: Sequence[str], why: str) -> answers.Split:
        """These spellings are somebody else."""
        body = {"keys": list(keys), "why": why or None}
        return self._ask(answers.Split, "POST", f"/api/case/people/{person_id}/split", json=body)

    def undo_people(self, decision_id: str) -> answers.PersonOf:
        """Take a merge or a split back."""
        return self._ask(answers.PersonOf, "POST", f"/api/case/people/decisions/{decision_id}/undo", json={})

    def events(self, **which: Any) -> answers.CaseEvents:
        """Events in order of time; which: date_from, date_to, person_id, document_id, state, differing."""
        return self._ask(answers.CaseEvents, "GET", "/api/case/events", params=which)

    def decide_event(self, event_id: str, state: str, why: str) -> answers.CaseEvent:
        """Say what an event is: true, wrong, later, open."""
        body = {"state": state, "why": why or None}
        return self._ask(answers.CaseEvent, "POST", f"/api/case/events/{event_id}/decision", json=body)

    def terms(self, **which: Any) -> answers.Terms:
        """Terms of orders; which: state, document_id, limit, cursor."""
        return self._ask(answers.Terms, "GET", "/api/case/terms", params=which)

    def decide_term(self, term_id: str, state: str, why: str) -> answers.TermDecided:
        """Say whether an order says so: accepted, rejected, proposed."""
        body = {"state": state, "why": why or None}
        return self._ask(answers.TermDecided, "POST", f"/api/case/terms/{term_id}/decision", json=body)

    def ask(self, question: str, by: str) -> answers.Answered:
        """A question in words, answered with quotes that stand; `by`: words, or claude, which costs money."""
        body = {"question": question, "by": by, "matter_id": self._matter()}
        return self._ask(answers.Answered, "POST", "/api/case/ask", json=body)

    def pairs(self, **which: Any) -> answers.PairPage:
        """Pairs of statements, the gravest first; which: state, verdict, kind, person_id, document_id, cursor."""
        return self._ask(answers.PairPage, "GET", "/api/case/pairs", params=which)

    def pair_counts(self) -> answers.CountedPairs:
        """How many pairs there are, and which are counted."""
        return self._ask(answers.CountedPairs, "GET", "/api/case/pairs/counts")

    def estimate_pairs(self) -> answers.ComparingEstimate:
        """What Claude's verdicts on the pairs would cost."""
        return self._ask(answers.ComparingEstimate, "GET", "/api/case/pairs/estimate")

    def judge_pairs(self) -> answers.QueuedPairs:
        """Have Claude judge the pairs of so many papers as one call takes, the gravest first."""
        return self._ask(answers.QueuedPairs, "POST", "/api/case/pairs/judge", json={})

    def pair(self, pair_id: str) -> answers.PairDetail:
        """One pair with the words around both quotes."""
        return self._ask(answers.PairDetail, "GET", f"/api/case/pairs/{pair_id}")

    def decide_pair(self, pair_id: str, state: str, why: str) -> answers.Pair:
        """Say what a pair is: accepted, explained, dismissed, later, open."""
        body = {"state": state, "why": why or None}
        return self._ask(answers.Pair, "POST", f"/api/case/pairs/{pair_id}/decision", json=body)

    def decide_pairs(self, ids: Sequence[str], state: str, why: str) -> answers.DecidedPairs:
        """Say what several pairs are."""
        body = {"ids": list(ids), "state": state, "why": why or None}
        return self._ask(answers.DecidedPairs, "POST", "/api/case/pairs/decide", json=body)


def typed(search: Mapping[str, str]) -> dict[str, Any]:
    """The words of an address as JSON has them: which papers a search means."""
    made: dict[str, Any] = dict(search)
    if "important" in made:
        made["important"] = made["important"].lower() in ("true", "yes", "1")
    if "min_relevancy" in made:
        made["min_relevancy"] = int(made["min_relevancy"])
    return made
