"""Vectors for texts without a network: WordLlama's static embeddings, whose weights its wheel has.

A text's vector is the mean of its tokens' vectors, of 256 dimensions (Miller 2024, WordLlama
l2_supercat). Programs that retrieve by embeddings are evaluated with it; an application hands the
same function to its registry::

    from landrace.embedding import embed

    registry = landrace.Registry(".", embed=embed)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from landrace.errors import ConfigError


def embed(texts: list[str]) -> list[list[float]]:
    """A vector of length 1 for each text; an empty one, which has no tokens, gets zeros.

    Raises:
        ConfigError: WordLlama is not installed.
    """
    if not texts:
        return []
    model = _model()
    full = [text for text in texts if text]
    # WordLlama divides the vector of an empty text by its length, which is 0.
    vectors = iter(model.embed(full, norm=True).tolist())
    return [next(vectors) if text else [0.0] * model.embedding.shape[1] for text in texts]


@cache
def _model() -> Any:
    try:
        import wordllama  # noqa: PLC0415 - an extra, and it takes seconds
    except ImportError:
        raise ConfigError(
            "embeddings need WordLlama", fix="Run `pip install 'landrace[embeddings]'`."
        ) from None
    # Release 0.4 looks for its tokenizer in a folder of another name than that in its wheel, and
    # would then ask a model hub; as a cache, the same folder is read as it is.
    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
