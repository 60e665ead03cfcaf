"""Pure: the case room's addresses, in one place: to words on a page, and to the list behind a number."""

from urllib.parse import urlencode

ROOT = "/case"


def to_reader(document_id: str, **where: object) -> str:
    """A document in the reader; `where`: page, finding, claim."""
    return _address(f"/reader/{document_id}", where)


def to_words(document_id: str, page: int | None, start: int | None, length: int | None) -> str:
    """Words where they stand: `start` is the characters before them in their page's text."""
    return to_reader(document_id, page=page, start=start, length=None if start is None else length)


def to_papers(**filters: object) -> str:
    """The list of papers behind a number."""
    return _address("/papers", filters)


def to_person(person_id: object) -> str:
    """A person's card."""
    return f"{ROOT}/people/{person_id}"


def to_page(path: str, query: dict[str, str]) -> str:
    """A page of ours with this query."""
    return _address(path, dict(query))


def is_own(address: str) -> bool:
    """Whether an address that came with a request is one of ours: nobody is sent elsewhere by a link to us."""
    return address.startswith(f"{ROOT}/") and not any(sign in address for sign in "\\\r\n\t")


def _address(path: str, query: dict[str, object]) -> str:
    said = {name: value for name, value in query.items() if value not in (None, "", False)}
    return f"{ROOT}{path}" + (f"?{urlencode(said, doseq=True)}" if said else "")
