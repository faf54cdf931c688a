"""Two ways to score texts against a query, and two to make one ranking of several.

BM25 is Okapi's, as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond" (2009), section 3.4, formulas 3.13 to 3.16 without relevance feedback::

    score(D, Q) = sum over the words q of Q of
        idf(q) * f(q, D) * (k1 + 1) / (f(q, D) + k1 * (1 - b + b * |D| / avgdl))
    idf(q) = ln(1 + (N - n(q) + 0.5) / (n(q) + 0.5))

with k1 = 1.2 and b = 0.75. f counts q in D, |D| the words of D, N the texts, n(q) those with q;
a word that stands twice in the query counts twice. The 1 under the logarithm is ours (and
Lucene's): without it a word of more than half of the texts would count against them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from heapq import nsmallest
from operator import mul
from typing import Protocol, TypeAlias

from landrace.errors import ConfigError
from landrace.parsers.words import terms

K1 = 1.2
B = 0.75

# A vector for each text, all of one length; the caller's model, or a test's table.
Embed: TypeAlias = Callable[[list[str]], list[list[float]]]


class Index(Protocol):
    """What knows some texts."""

    def scores(self, queries: Sequence[str]) -> list[dict[int, float]]:
        """For each query the scores by position of a text; texts without any are left out."""
        ...


class Bm25:
    """An inverted index. A query scores only texts that share a word with it.

    Words have no case. Of Thai, Lao, Burmese and Khmer each letter with its marks is a word.
    """

    __slots__ = ("_idf", "_postings")

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(terms(text)) for text in texts]
        lengths = [count.total() for count in counts]
        average = sum(lengths) / len(lengths) if any(lengths) else 1.0
        # By word: each text that has it, with all of its score but the idf.
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for position, count in enumerate(counts):
            norm = K1 * (1 - B + B * lengths[position] / average)
            for word, times in count.items():
                weight = times * (K1 + 1) / (times + norm)
                self._postings.setdefault(word, []).append((position, weight))
        self._idf = {
            word: math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            for word, found in self._postings.items()
        }

    def scores(self, queries: Sequence[str]) -> list[dict[int, float]]:
        return [self._scores(query) for query in queries]

    def _scores(self, query: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for word in terms(query):
            idf = self._idf.get(word, 0.0)
            for position, weight in self._postings.get(word, ()):
                found[position] = found.get(position, 0.0) + idf * weight
        return found


class Vectors:
    """Cosine similarity in -1..1 of every text; a vector of zeros is like nothing (0).

    Raises:
        ConfigError: ``embed`` does not give one finite vector of one length for each text.
    """

    __slots__ = ("_embed", "_unit")

    def __init__(self, texts: Sequence[str], embed: Embed) -> None:
        self._embed = embed
        self._unit = _unit_vectors(embed, texts)

    def scores(self, queries: Sequence[str]) -> list[dict[int, float]]:
        """As `Index` has it; asks ``embed`` once for all queries."""
        if not queries or not self._unit:
            return [{} for _ in queries]
        wanted = _unit_vectors(self._embed, queries)
        if len(wanted[0]) != len(self._unit[0]):
            raise ConfigError(
                f"the query's vector has {len(wanted[0])} numbers, "
                f"and those of the corpus have {len(self._unit[0])}",
                fix="embed both with the same model",
            )
        return [
            {n: sum(map(mul, vector, each)) for n, each in enumerate(self._unit)}
            for vector in wanted
        ]


def _unit_vectors(embed: Embed, texts: Sequence[str]) -> list[list[float]]:
    vectors = embed(list(texts))
    if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) > 1:
        raise ConfigError(
            f"the embeddings are not {len(texts)} vectors of one length",
            fix="let the function give one vector for each text",
        )
    found = []
    for vector in vectors:
        length = math.sqrt(math.fsum(x * x for x in vector))
        if not math.isfinite(length):
            raise ConfigError("an embedding holds a number that is not finite")
        found.append([x / length for x in vector] if length else [0.0] * len(vector))
    return found


def best(scores: dict[int, float], limit: int) -> list[int]:
    """The positions with the highest scores, best first; of equals the first in the corpus."""
    return nsmallest(limit, scores, key=lambda position: (-scores[position], position))


def by_maximum(scores: Sequence[dict[int, float]], limit: int) -> list[int]:
    """One ranking by each text's highest score over the queries."""
    highest: dict[int, float] = {}
    for each in scores:
        for position, score in each.items():
            highest[position] = max(score, highest.get(position, score))
    return best(highest, limit)


def round_robin(scores: Sequence[dict[int, float]], limit: int) -> list[int]:
    """Each query in turn gives its best text that no query before has given."""
    # Never more than `limit` texts are taken, so the next free one is among the first of these.
    rankings = [iter(best(each, limit)) for each in scores]
    taken: dict[int, None] = {}
    while rankings:
        going = []
        for ranking in rankings:
            position = next((each for each in ranking if each not in taken), None)
            if position is None:
                continue
            taken[position] = None
            if len(taken) == limit:
                return list(taken)
            going.append(ranking)
        rankings = going
    return list(taken)
