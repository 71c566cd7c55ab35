"""Whether an article is known, new, or another's words: the rules, their limits and the guards against false copies.

Text overlap alone cannot tell a copy from a sibling made from the same template ("the 4th / 5th aid
plane lands"), nor a story from the round-up that quotes it. So a copy must also be near in time, begin
like its original, and not name another place, person, ordinal or toll in its lead (decision note 0020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.dedup import diff
from tocsin.dedup.guard import Body, Conflict, body, conflict, kindred, other_title, says, strangers
from tocsin.dedup.keys import Keys
from tocsin.dedup.likeness import another_day, signs
from tocsin.dedup.measure import Known, Measure, compared, measure_of, sampled
from tocsin.dedup.parts import parts, told
from tocsin.model import Article, Decision, Outcome, Signal, TextStatus
from tocsin.signals import signal_of

WINDOW = timedelta(hours=72)  # between an original and its copies
STUB_WINDOW = timedelta(hours=12)  # between a bare headline and what has its words: later it is another explosion
OCHIAI = 0.5
EXCERPT = 0.7  # of the shorter text
HEADED_OCHIAI = 0.3  # under the same title
HEADED_EXCERPT = 0.5
KINDRED_OCHIAI = 0.4  # under titles about the same
KINDRED_EXCERPT = 0.5
PART = 0.5  # of the known text
ROOTED = 0.3  # of the shorter: a copy of a copy has at least this of the original
SHUFFLED = 0.8  # Ochiai over which the order of paragraphs does not matter
FLOOR = 40  # characters of title and text together: with fewer nothing is stored as new unless a watch wants it
ROUND_UP = 2  # known stories, largely contained
CONTAINED = 0.5  # of a known story, to count towards a round-up
WHOLE = 0.9  # of the shorter
NEARLY_ALL = 0.85  # Ochiai over which even a round-up has copies
SURE_OCHIAI = 0.35
SURE = 0.95
LIKELY = 0.5  # probability of one story
UNLIKELY = 0.1  # the same, under which not even a text that stands nearly whole in another is its copy
JOINED = 0.05  # of the shorter of two originals that are made one family
FAMILIES = 8  # that are compared word for word
EXACT = 3  # of one family, besides its original
LEAST_SAMPLED = 0.08  # share of prints
REUSED = 0.05  # of the shorter of two texts: with less, and no headline in common, an address tells another story
REUSED_ID = 0.2  # the same for the id of a feed entry, which outlets use again more often
NOTHING = "nothing like it"


def decide(
    article: Article, keys: Keys, candidates: Sequence[Known], *, now: datetime, flagged: bool = False
) -> Decision:
    """Say what an article is to the archive: known, a revision, a copy, too short, or new.

    Args:
        candidates: What the archive found by identity, by text hash and by prints.
        flagged: A watch wants it, so that it is never too short: "Blast in Baghdad" is a whole alert.
    """
    named = {known.key: known for known in candidates if known.key}
    at = article.published or article.seen or now
    others = [known for known in candidates if known.id not in {k.id for k in named.values()}]
    near = [
        known for known in others if abs(at - known.at) <= _window(article, known) and known.text_hash != keys.text_hash
    ]
    for key in keys.identities:
        if key in named and (found := _same_story(article, keys, key, named[key])):
            return _with_parts(found, article, keys, near, {named[key].root})
    short = len(article.title) + len(article.text) < FLOOR
    if short and not flagged:
        return Decision(Outcome.TOO_SHORT, why=f"title and text have fewer than {FLOOR} characters")
    for known in others:
        if known.text_hash == keys.text_hash and (not keys.stub or abs(at - known.at) <= STUB_WINDOW):
            return Decision(Outcome.COPY, known.root, "copy", 1.0, f"the same text as article {known.id}", likeness=1.0)
    if short:
        return Decision(Outcome.NEW, why="too few words to compare")
    return _by_text(article, keys, near, at)


def _window(*told: Article | Known) -> timedelta:
    """How long two texts may be copies: a bare headline only for hours, for its words stand in many stories."""
    return STUB_WINDOW if any(each.text in {"", each.title} for each in told) else WINDOW


def _with_parts(found: Decision, article: Article, keys: Keys, near: Sequence[Known], own: set[int]) -> Decision:
    """A revision with what its new text has in common with others; any other decision as it is."""
    if found.outcome is not Outcome.REVISION:
        return found
    ours = body(article.title, article.text, article.language)
    measures = [measure_of(keys, ours, known) for known in _likely(keys, near)]
    return replace(found, parts=parts(ours, measures, own))


def _same_story(article: Article, keys: Keys, key: str, known: Known) -> Decision | None:
    """What a second look at a known address or wire story brought; None when its id was only used again."""
    name = "wire story" if key == keys.wire_key else "address" if key.startswith("u:") else "feed entry"
    if known.version_hash == keys.version_hash:
        return Decision(Outcome.SAME_URL, known.id, "", 1.0, f"the same {name}, the same text")
    ours = body(article.title, article.text, article.language)
    measure = measure_of(keys, ours, known)
    if key != keys.wire_key and _another(article, ours, measure):
        return None
    poorer = {TextStatus.FEED_ONLY, TextStatus.PAYWALLED}
    if article.status in poorer and known.status not in poorer and key != keys.wire_key:
        return Decision(Outcome.SAME_URL, known.id, "", 0.0, "the same address; this time without its full text")
    if key not in {keys.url_key, keys.titled_key, keys.wire_key} and measure.containment < REUSED_ID:
        return None
    edit = diff.kind(f"{known.title}\n{known.text}", f"{article.title}\n{article.text}", article.language)
    if edit == "counter" and article.wire is None:
        return Decision(Outcome.SAME_URL, known.id, "", 1.0, f"the same {name}; only a clock or a counter changed")
    relation = "silent" if edit == "silent" else "update"
    if article.wire and article.wire.signal in {Signal.KILL, Signal.CORRECTION}:
        relation = article.wire.signal.value
    elif known.status in poorer and article.status not in poorer:
        relation = "expanded"
    why = f"the same {name} with a new text, {measure.ochiai:.0%} alike"
    if relation == "silent":
        why = f"the same {name}; only spelling changed"
    return Decision(Outcome.REVISION, known.id, relation, measure.ochiai, why)


def _another(article: Article, ours: Body, measure: Measure) -> bool:
    """True where an address or an id was given to another story: neither words nor headlines have to do with it.

    What is left of a page that only asks for money is no story, and a kill or a correction is one of what it stood for.
    """
    theirs = measure.theirs
    if measure.containment >= REUSED or says(ours.subject, theirs) or says(theirs.subject, ours):
        return False
    return article.status is not TextStatus.PAYWALLED and signal_of(article) not in {Signal.KILL, Signal.CORRECTION}


def _by_text(article: Article, keys: Keys, near: Sequence[Known], at: datetime) -> Decision:
    """Compare with what shares shingles: word for word with the nearest, then the guards."""
    ours = body(article.title, article.text, article.language)
    measures = {known.id: measure_of(keys, ours, known) for known in _likely(keys, near)}
    decision = _family(ours, keys, measures, at)
    found = parts(ours, measures.values(), {decision.of, *decision.joins})
    if not found or decision.relation == "round-up":
        return replace(decision, parts=found)
    why = told(found) if decision.why == NOTHING else f"{decision.why}; {told(found)}"
    return replace(decision, parts=found, why=why)


def _family(ours: Body, keys: Keys, measures: Mapping[int, Measure], at: datetime) -> Decision:
    """Whose copy a text is, if anyone's."""
    contained = _contained(keys, ours, measures.values())
    round_up = len(contained) >= ROUND_UP
    refused, best = "", 0.0
    for measure in sorted(measures.values(), key=_best_first):
        if not (_alike(measure) or _surely(ours, measure, at)) or (
            round_up and measure.ochiai < SHUFFLED and not _titled(measure)
        ):
            continue
        if measure.known.round_up and measure.ochiai < NEARLY_ALL:
            continue
        root = measures.get(measure.known.root)
        if root is not None and not _alike(root) and not _rooted(measure, root):
            continue  # like a copy only in what that copy added
        family = (m for m in measures.values() if m.known.root == measure.known.root and m is not measure)
        if any(_told_apart(ours, m) for m in family):
            continue
        clash = conflict(ours, measure.theirs, contained=measure.containment >= WHOLE)
        likeness = _likeness(ours, measure.theirs, at - measure.known.at, clash)
        if clash.kind != "other" and likeness >= (LIKELY if measure.containment < WHOLE else UNLIKELY):
            return replace(_joined(_copy(measure, clash), ours, measures, keys), likeness=likeness)
        why = clash.why if clash.kind == "other" else f"it begins otherwise: {likeness:.0%} likely the same story"
        refused = refused or f"like article {measure.known.id}, but {why}"
        best = max(best, likeness)
    overlap = max((m.ochiai for m in measures.values()), default=0.0)
    if round_up:
        which = ", ".join(str(root) for root in sorted(contained))
        return Decision(Outcome.NEW, None, "round-up", overlap, f"contains the stories {which}")
    return Decision(Outcome.NEW, None, "", overlap, refused or NOTHING, likeness=best)


def _told_apart(ours: Body, measure: Measure) -> bool:
    """True where a member of the family shares the form, yet tells another day or another name.

    The nearest member may hide that: its headline or its cut names neither.
    """
    return _alike(measure) and _two_stories(ours, measure.theirs)


def _two_stories(one: Body, other: Body) -> bool:
    """True where two texts begin with different days, or their titles of one form have different names."""
    return another_day(one, other) or bool(other_title(one, other, contained=True))


def _surely(ours: Body, measure: Measure, at: datetime) -> bool:
    """True for two texts of like length that share less than copies do, yet begin as one story."""
    if not measure.aligned or measure.ochiai < SURE_OCHIAI:
        return False
    return signs(ours, measure.theirs, at - measure.known.at, clash=False).likeness >= SURE


def _likeness(one: Body, other: Body, apart: timedelta, clash: Conflict) -> float:
    """How likely both tell one story; figures that changed within hours are a new toll, a day later another day's."""
    found = signs(one, other, apart, clash=clash.kind == "other")
    return (replace(found, figures=0) if abs(apart) <= STUB_WINDOW else found).likeness


def _joined(decision: Decision, ours: Body, measures: Mapping[int, Measure], keys: Keys) -> Decision:
    """The same decision, with the originals that this copy joins: alike to it, and all their titles about the same."""
    root = measures.get(decision.of or 0)
    if root is None or root.known.round_up:
        return decision
    joins = [
        measure.known.id
        for measure in measures.values()
        if measure.known.id == measure.known.root != decision.of
        and not measure.known.round_up
        and (measure.heading or measure.kindred)
        and _alike(measure)
        and _overlap(keys, root.theirs, measure.theirs) >= JOINED
        and kindred(root.theirs, measure.theirs)
        and "other" not in {conflict(text, measure.theirs, contained=False).kind for text in (ours, root.theirs)}
        and not _two_stories(root.theirs, measure.theirs)
    ]
    if not joins:
        return decision
    first = min(root.known.id, *joins)
    return replace(decision, of=first, joins=tuple(sorted({root.known.id, *joins} - {first})))


def _likely(keys: Keys, near: Sequence[Known]) -> list[Known]:
    """What is worth a comparison word for word: of each family the original and what shares most with us."""
    shared = {known.id: sampled(keys.prints, known.prints) for known in near}
    chosen: dict[int, Known] = {}
    families: Counter[int] = Counter()
    by_id = {known.id: known for known in near}
    for known in sorted(near, key=lambda known: (-shared[known.id], known.id)):
        if shared[known.id] < LEAST_SAMPLED or len(families) >= FAMILIES or families[known.root] >= EXACT:
            continue
        families[known.root] += 1
        chosen[known.id] = known
        if known.root in by_id:
            chosen[known.root] = by_id[known.root]
    return list(chosen.values())


def _contained(keys: Keys, ours: Body, measures: Iterable[Measure]) -> set[int]:
    """The families whose story the new text contains beside others: no two of them about the same."""
    found: dict[int, Body] = {}
    for measure in sorted(measures, key=lambda m: m.known.id):
        if measure.of_known < CONTAINED or measure.of_new >= EXCERPT or strangers(ours, measure.theirs):
            continue
        if not any(_same_story_as(keys, measure.theirs, other) for other in found.values()):
            found[measure.known.root] = measure.theirs
    return set(found)


def _same_story_as(keys: Keys, one: Body, other: Body) -> bool:
    """True for two archived texts that tell one story, though neither is a copy of the other."""
    return kindred(one, other) or _overlap(keys, one, other) >= ROOTED


def _overlap(keys: Keys, one: Body, other: Body) -> float:
    """The share of the shorter that two archived texts have in common."""
    a, b = compared(keys, one).all, compared(keys, other).all
    return len(a & b) / max(1, min(len(a), len(b)))


def _rooted(measure: Measure, root: Measure) -> bool:
    """True for a copy of a copy that has little of the original left, yet some of it and the same subject."""
    if root.containment < ROOTED:
        return False
    if measure.heading:
        return True
    return (measure.kindred or measure.ochiai >= SHUFFLED) and (root.kindred or root.heading or root.aligned)


def _titled(measure: Measure) -> bool:
    """True where the new text tells more than one story, but has the title of this one and begins with it."""
    return measure.aligned and (measure.heading or measure.kindred)


def _best_first(measure: Measure) -> tuple[bool, float, int]:
    return not measure.heading, -measure.ochiai, measure.known.id


def _alike(measure: Measure) -> bool:
    """True where overlap says copy: much of both, or most of the shorter, which then must begin like the longer."""
    if measure.ochiai >= SHUFFLED:
        return True
    if measure.heading:
        return measure.aligned and (measure.ochiai >= HEADED_OCHIAI or measure.containment >= HEADED_EXCERPT)
    if measure.kindred:
        return measure.ochiai >= KINDRED_OCHIAI or measure.containment >= KINDRED_EXCERPT
    if measure.of_known < PART:
        return False  # a part of a longer text under another title may be one story of a round-up
    return measure.aligned and (measure.ochiai >= OCHIAI or measure.containment >= EXCERPT)


def _copy(measure: Measure, clash: Conflict) -> Decision:
    known = measure.known
    relation, why = "copy", f"{measure.of_new:.0%} of its text is in article {known.id}"
    if clash.kind == "update":
        relation = "update"
    elif measure.ochiai < OCHIAI and measure.of_new >= measure.of_known:
        relation = "excerpt"
    elif measure.ochiai < OCHIAI:
        relation, why = "expanded", f"it contains {measure.of_known:.0%} of article {known.id}"
    overlap = measure.ochiai if measure.ochiai >= OCHIAI else measure.containment
    return Decision(Outcome.COPY, known.root, relation, overlap, f"{why}, {clash.why}" if clash.why else why)
