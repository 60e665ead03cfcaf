"""Who is who: which names are of one person, by their words and by what papers say of them (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gpu_worker.case.vocabulary import (
    FEMALE,
    FEMALE_KIN,
    FEMALE_TITLES,
    MALE,
    MALE_KIN,
    MALE_TITLES,
    SHORT_FORMS,
)

LEAST_PREFIX = 3
"""Letters that a short form has at least: Dru for Drusilla."""
DIMINUTIVE = re.compile(r"([a-z]{2,}?[^aeiouy])[^aeiouy]?(?:y|ie)$")
"""Toby for Tobias."""
PARTY_SIGNS = ("petitioner", "respondent", "father", "mother")
ROLES = (*PARTY_SIGNS, "child")


@dataclass(frozen=True)
class KnownName:
    """A name that stands in documents, with all that these say of it, and whose it was so far."""

    id: int
    key: str
    words: str
    form: str
    first: str
    last: str
    suffix: str
    title: str
    person_id: str | None
    documents: int
    settled: bool
    signs: list[str]


@dataclass(frozen=True)
class Decision:
    """What a person decided: all these names are of one person (same), or none of a is with one of b (apart)."""

    kind: str
    a_keys: list[str]
    b_keys: list[str]


@dataclass(frozen=True)
class Group:
    """Names of one person, and what is known of them."""

    names: list[int]
    name: str
    sex: str | None
    roles: list[str]


@dataclass
class _Person:
    """Somebody while names are given out."""

    first: str
    last: str
    suffix: str
    names: list[KnownName] = field(default_factory=list)

    @property
    def signs(self) -> set[str]:
        return {sign for name in self.names for sign in name.signs}

    @property
    def is_child(self) -> bool:
        return "child" in self.signs and not self.signs & set(PARTY_SIGNS)

    @property
    def is_party(self) -> bool:
        return bool(self.signs & set(PARTY_SIGNS)) and not self.suffix

    @property
    def is_sure(self) -> bool:
        return "sure" in self.signs or bool(self.signs & set(ROLES))

    @property
    def sex(self) -> str | None:
        signs = self.signs
        titles = {name.title for name in self.names}
        if signs & {"father"} or titles & MALE_TITLES or titles & MALE_KIN:
            return "male"
        if signs & {"mother"} or titles & FEMALE_TITLES or titles & FEMALE_KIN:
            return "female"
        if self.first in FEMALE:
            return "female"
        if self.first in MALE:
            return "male"
        if ("male" in signs) != ("female" in signs):
            return "male" if "male" in signs else "female"
        return None


def settle(names: Sequence[KnownName], decisions: Sequence[Decision]) -> tuple[list[Group], list[int]]:
    """The persons, and the names of whom it cannot be told who they are: two that may be meant are none.

    What is as it was is left out: a name that is everywhere brings others to be looked at that stay what they are.
    """
    persons = _full_names(names)
    surnames = {person.last for person in persons if person.is_sure} | {
        name.last for name in names if name.form in ("titled", "initial") and name.last}
    persons = [person for person in persons if person.is_sure or person.last in surnames]
    nobody = [name for name in names if name.form == "full" and not any(name in p.names for p in persons)]
    for form in ("initial", "first", "kin", "titled", "role"):
        _lend_sexes(persons)
        for name in sorted((each for each in names if each.form == form), key=lambda each: each.key):
            _place(name, persons, nobody, names)
    groups = [person.names for person in persons]
    groups = _obey(groups, nobody, decisions)
    placed = {name.id for group in groups for name in group}
    loose = [name for name in names if name.id not in placed]
    told = sorted((group for group in groups if group), key=lambda group: -sum(name.documents for name in group))
    owners = Counter(owner for group in told for owner in {name.person_id for name in group})
    owners.update(name.person_id for name in loose)
    changed = [group for group in told if not _is_as_it_was(group, owners)]
    return [_group(group) for group in changed], [name.id for name in loose if name.person_id or not name.settled]


def _is_as_it_was(group: Sequence[KnownName], owners: Mapping[str | None, int]) -> bool:
    """Whether all are settled, of one person, and no other group has names of that person."""
    persons = {name.person_id for name in group}
    if len(persons) > 1 or not all(name.settled for name in group):
        return False
    (person,) = persons
    return person is not None and owners[person] == 1


def _full_names(names: Iterable[KnownName]) -> list[_Person]:
    persons: dict[tuple[str, str, str], _Person] = {}
    for name in names:
        if name.form == "full":
            key = (_folded(name.first), _folded(name.last), name.suffix)
            persons.setdefault(key, _Person(name.first, name.last, name.suffix)).names.append(name)
    return _short_joined(list(persons.values()))


def _short_joined(persons: list[_Person]) -> list[_Person]:
    """`Bob Lee` is Robert Lee, where there is one only; a prefix alone is not enough: Ann and Anna are sisters."""
    for short in persons:
        longs = [each for each in persons if each.names and _folded(each.last) == _folded(short.last)
                 and each.suffix == short.suffix and each.first in SHORT_FORMS.get(short.first, ())]  # fmt: skip
        if len(longs) == 1:
            longs[0].names += short.names
            short.names = []
    return [person for person in persons if person.names]


def _folded(word: str) -> str:
    """Letters that scans confuse made one."""
    for seen, meant in (("0", "o"), ("1", "l"), ("5", "s"), ("rn", "m"), ("vv", "w"), ("cl", "d")):
        word = word.replace(seen, meant)
    return word


def _lend_sexes(persons: Sequence[_Person]) -> None:
    """Of two parents, where one is known to be the mother, the other is the father."""
    parties = [person for person in persons if person.is_party and person.names]
    if len(parties) != 2:
        return
    for one, other in (parties, parties[::-1]):
        known = one.sex
        if known and other.sex is None:
            sign = "male" if known == "female" else "female"
            first = other.names[0]
            other.names[0] = KnownName(**{**vars(first), "signs": [*first.signs, sign]})


def _place(name: KnownName, persons: list[_Person], nobody: list[KnownName], names: Sequence[KnownName]) -> None:
    fits = _fitting(name, persons)
    fits = [person for person in fits if person.suffix == name.suffix] or ([] if name.suffix else fits)
    if len(fits) > 1:
        fits = [person for person in fits if not person.suffix] or fits
    if len(fits) > 1 and name.form in ("titled", "role", "initial"):
        fits = [person for person in fits if person.is_party] or fits
    if len(fits) > 1 and name.form in ("first", "kin"):
        fits = [person for person in fits if name.first == person.first] or fits
    if len(fits) == 1:
        fits[0].names.append(name)
    elif not fits and _is_somebody(name):
        persons.append(_Person(name.first, name.last, name.suffix, [name]))
    else:
        nobody.append(name)


def _fitting(name: KnownName, persons: Sequence[_Person]) -> list[_Person]:
    """Who may be meant."""
    if name.form == "role":
        sex = {"role:father": "male", "role:mother": "female"}.get(name.key)
        if sex is None:
            return [person for person in persons if name.key.removeprefix("role:") in person.signs]
        parties = [person for person in persons if person.is_party]
        return [person for person in parties if person.sex == sex]
    if name.form == "initial":
        return [p for p in persons if _folded(p.last) == _folded(name.last) and p.first[:1] == name.first]
    if name.form == "titled":
        sex = "male" if name.title in MALE_TITLES else "female" if name.title in FEMALE_TITLES else None
        return [
            person for person in persons
            if _folded(person.last) == _folded(name.last) and not person.is_child
            and (sex is None or person.sex in (sex, None))
        ]  # fmt: skip
    sex = "female" if name.title in FEMALE_KIN else "male" if name.title in MALE_KIN else None
    return [
        person for person in persons
        if person.last and _is_short_for(name.first, person.first) and (sex is None or person.sex in (sex, None))
        and not (name.form == "kin" and (person.is_party or person.is_child))
        or not person.last and name.form == "first" and person.first == name.first
    ]  # fmt: skip


def _is_short_for(short: str, first: str) -> bool:
    if short == first or first in SHORT_FORMS.get(short, ()):
        return True
    if short not in MALE and short not in FEMALE and (stem := DIMINUTIVE.match(short)) and first.startswith(stem[1]):
        return True
    return len(short) >= LEAST_PREFIX and first.startswith(short)


def _is_somebody(name: KnownName) -> bool:
    """Whether a name that fits nobody known is a person of its own."""
    return name.form == "kin" or name.form in ("titled", "initial", "first") and bool({"sure", "child"} & {*name.signs})


def _obey(
    groups: list[list[KnownName]], nobody: Sequence[KnownName], decisions: Sequence[Decision]
) -> list[list[KnownName]]:
    """What people decided, in its order, over what the words say."""
    loose = {name.key: name for name in nobody}
    for decision in decisions:
        if decision.kind == "same":
            keys = {*decision.a_keys, *decision.b_keys}
            joined = [name for group in groups if any(each.key in keys for each in group) for name in group]
            joined += [loose[key] for key in keys if key in loose and loose[key] not in joined]
            groups = [group for group in groups if not any(each.key in keys for each in group)] + [joined]
        else:
            leaving = {*decision.b_keys}
            gone = [name for group in groups for name in group if name.key in leaving]
            groups = [[name for name in group if name.key not in leaving] for group in groups] + [gone]
    return [group for group in groups if group]


def _group(names: list[KnownName]) -> Group:
    order = ("full", "initial", "titled", "kin", "first", "role")
    best = min(names, key=lambda name: (order.index(name.form), -name.documents, name.id))
    person = _Person(best.first, best.last, best.suffix, names)
    roles = [role for role in ROLES if role in person.signs]
    return Group([name.id for name in names], best.words, person.sex, roles)
