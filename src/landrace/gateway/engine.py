"""One llama.cpp server in this process; the only importer of xllamacpp.

What a model answers must depend on the question alone: a resumed run repeats the decisions
of the interrupted one. Floating point gets in the way, since the sums inside a matrix
product depend on how many tokens are computed together. Continuous batching therefore
answers differently by what else is asked at the time, and a prompt cache by what was asked
before. An engine makes every computation canonical instead:

- it runs one request at a time, on one thread;
- a prompt is computed in chunks of ``CHUNK`` tokens, counted from its first token;
- what a slot remembers of an earlier prompt is used up to a whole number of chunks only. A
  primer, which is that much of the prompt and one token that differs from the next, makes
  the server forget the rest.

Log probabilities are then the same to the last bit whatever came before, and reuse of
common prefixes still makes it faster than batching.
"""

from __future__ import annotations

import http.client
import json
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from landrace.errors import CallError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHUNK = 32
SLOTS = 4
CONTEXT_TOKENS = 4096
"""Tokens of prompt and answer together that a slot holds."""

_GGUF_MAGIC = b"GGUF"
_QUIET = -1
_HTTP_TIMEOUT_S = 60


class Generation(NamedTuple):
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


class Slot:
    """A place in the server that remembers the last prompt computed in it."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.tokens: Sequence[int] = ()
        self.last_use = 0

    def reusable(self, tokens: Sequence[int]) -> int:
        """How many of these tokens need no computing, in whole chunks.

        The last token is always computed, since the answer starts from its logits.
        """
        common = 0
        for mine, wanted in zip(self.tokens, tokens[:-1], strict=False):
            if mine != wanted:
                break
            common += 1
        return common // CHUNK * CHUNK


class Engine:
    """A loaded model. Use it from one thread at a time.

    ``address`` is its OpenAI-compatible server on the loopback interface; ``api_key`` is
    drawn at random and opens it, so that no other user of the machine can call it. Calls to
    that server bypass what makes answers repeatable.

    Args:
        path: a GGUF file.
        slots: prompts remembered at a time; each takes memory for ``context_tokens``.
        context_tokens: most tokens of a prompt and its answer.

    Raises:
        ModelError: xllamacpp is missing, or the file is not a model that it can load.
    """

    def __init__(
        self, path: Path, *, slots: int = SLOTS, context_tokens: int = CONTEXT_TOKENS
    ) -> None:
        self._name = path.name
        self.api_key = secrets.token_urlsafe(24)
        self._server = _start(path, slots, context_tokens, self.api_key)
        self.address: str = self._server.listening_address
        self.slots = [Slot(index) for index in range(slots)]
        self._uses = 0
        # A server that is stopped before its loop runs never ends; an answer shows that it runs.
        self._complete(self.slots[0], [0], {"n_predict": 0}, reuse=False)

    def choose_slot(self, tokens: Sequence[int]) -> tuple[int, Slot]:
        """The slot to compute these tokens in, and how many of them it need not compute.

        That is the best match where it saves at least half of the work, else the slot
        unused for longest: a small saving is not worth forgetting another prompt's prefix.
        """
        best = max(self.slots, key=lambda slot: (slot.reusable(tokens), -slot.last_use))
        if best.reusable(tokens) * 2 < len(tokens):
            best = min(self.slots, key=lambda slot: slot.last_use)
        return best.reusable(tokens), best

    def generate(self, tokens: Sequence[int], options: dict[str, Any]) -> Generation:
        """Continue the tokens.

        Args:
            tokens: the prompt.
            options: as ``decoding.completion_options`` gives them.

        Raises:
            CallError: the prompt is too long, or llama.cpp refuses the options.
        """
        reusable, slot = self.choose_slot(tokens)
        self._uses += 1
        slot.last_use = self._uses
        slot.tokens = ()
        if reusable and not self._prime(slot, tokens, reusable):
            reusable = 0
        answer = self._complete(slot, tokens, options, reuse=reusable > 0)
        if answer["timings"]["cache_n"] != reusable:
            answer = self._complete(slot, tokens, options, reuse=False)
        slot.tokens = tokens
        choice, usage = answer["choices"][0], answer["usage"]
        return Generation(
            text=choice["text"],
            finish_reason=choice["finish_reason"],
            prompt_tokens=usage["prompt_tokens"],
            completion_tokens=usage["completion_tokens"],
        )

    def tokenize(self, text: str, *, special: bool, start: bool = False) -> list[int]:
        """The tokens of a text.

        Args:
            text: any text.
            special: whether names of control tokens in the text become these tokens.
            start: whether the text begins a prompt, where some models want a mark.
        """
        body = {"content": text, "parse_special": special, "add_special": start}
        tokens: list[int] = self._post("/tokenize", body)["tokens"]
        return tokens

    def apply_template(self, messages: Sequence[dict[str, str]]) -> str:
        """The messages as one text, by the chat template in the model's file.

        Raises:
            CallError: the template refuses these messages.
        """
        prompt: str = self._post("/apply-template", {"messages": list(messages)})["prompt"]
        return prompt

    def close(self) -> None:
        """Stop the server and free its memory."""
        self._server = None

    def _prime(self, slot: Slot, tokens: Sequence[int], count: int) -> bool:
        """Make the slot remember exactly ``count`` of the tokens; whether that worked."""
        other = 0 if tokens[count] != 0 else 1
        primer = [*tokens[:count], other]
        answer = self._complete(slot, primer, {"n_predict": 0, "temperature": 0.0}, reuse=True)
        return bool(answer["timings"]["cache_n"] == count)

    def _complete(
        self, slot: Slot, tokens: Sequence[int], options: dict[str, Any], *, reuse: bool
    ) -> dict[str, Any]:
        if self._server is None:
            raise CallError("the model was closed", where=self._name)
        body = {**options, "prompt": list(tokens), "id_slot": slot.index, "cache_prompt": reuse}
        try:
            answer: dict[str, Any] = self._server.handle_completions(body)
        except (RuntimeError, ValueError) as error:
            raise CallError(f"llama.cpp cannot read the call: {error}", where=self._name) from error
        if "error" in answer:
            self._refuse(answer["error"])
        return answer

    def _refuse(self, error: dict[str, Any]) -> NoReturn:
        if error.get("type") == "exceed_context_size_error":
            raise CallError(
                f"the prompt has {error['n_prompt_tokens']} tokens and the model's context"
                f" holds {error['n_ctx']}",
                where=self._name,
                fix="Shorten the prompt, or give fewer examples.",
            )
        raise CallError(f"llama.cpp refused the call: {error.get('message')}", where=self._name)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(
            urlsplit(self.address).netloc, timeout=_HTTP_TIMEOUT_S
        )
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.api_key}"}
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CallError(
                f"the embedded model's server did not answer: {error}", where=self._name
            ) from error
        finally:
            connection.close()
        if "error" in answer:
            self._refuse(answer["error"])
        return answer


def _start(path: Path, slots: int, context_tokens: int, api_key: str) -> Any:
    _check_magic(path)
    try:
        import xllamacpp  # noqa: PLC0415 - loads 100 MB of machine code
    except ImportError as error:
        raise ModelError(
            "the embedded model needs xllamacpp",
            where=path.name,
            fix="Run `pip install 'landrace[local]'`.",
        ) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_parallel = slots
    params.n_ctx = slots * context_tokens
    # A cache shared by the slots would let one's contents change another's sums.
    params.kv_unified = False
    params.n_batch = params.n_ubatch = CHUNK
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_gpu_layers = 0
    # Repacked weights would be a private copy; plain ones are shared by all engines.
    params.no_extra_bufts = True
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 0
    params.warmup = False
    params.ui = False
    params.verbosity = _QUIET
    params.api_keys = [api_key]
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelError(
            "llama.cpp cannot load this file",
            where=str(path),
            fix="Check that it is a whole GGUF file of a chat model, and that memory suffices.",
        ) from error


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise ModelError(
            f"the model's file cannot be read ({error.strerror})", where=str(path)
        ) from error
    if magic != _GGUF_MAGIC:
        raise ModelError(
            "the file is not in GGUF format", where=str(path), fix="Name a GGUF file instead."
        )
