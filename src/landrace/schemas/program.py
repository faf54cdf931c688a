"""``program`` of ``prompt.yaml``: a prompt as a graph of nodes.

Every field means what the node of the same kind in `landrace.program.nodes` says, and the rules
are those of `landrace.program.rules`. Whether the nodes fit together is checked with their
templates.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from landrace.errors import FormatError
from landrace.parsers import default_parser
from landrace.program import CASES, Graph, rules
from landrace.program.params import DECODING_PARAMS, param_problem
from landrace.schemas.base import MisfitError, Strict
from landrace.schemas.output import OutputContract


class _Part(Strict):
    # `from` and `as` are no names in Python; what stands for them there is none in a file.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class _Asking(_Part):
    """What every node that calls the model has."""

    template: str = Field(
        pattern=rules.TEMPLATE_PATTERN,
        description="A file of the prompt's folder. The inputs and nodes that it reads are the "
        "node's edges.",
    )
    output: OutputContract | None = Field(
        default=None,
        description="What one answer is; text if left out. For the output node it is the "
        "prompt's own `output`.",
    )
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="Decoding parameters over the model's own; addresses and keys are the "
        "pipeline's.",
        json_schema_extra={"propertyNames": {"enum": list(DECODING_PARAMS)}},
    )
    parser: dict[str, Any] | None = Field(
        default=None,
        description="What reads an answer, such as `{kind: after, marker: 'Query:'}`; by the "
        "type of `output` if left out.",
    )

    @field_validator("template", mode="before")
    @classmethod
    def _is_template(cls, template: Any) -> Any:
        if isinstance(template, str) and not re.fullmatch(rules.TEMPLATE_PATTERN, template):
            raise ValueError("is not the name of a .jinja file beside prompt.yaml")
        return template

    @field_validator("params")
    @classmethod
    def _decode(cls, params: dict[str, Any]) -> dict[str, Any]:
        for name, value in params.items():
            if problem := param_problem(name, value):
                raise MisfitError(f"`{name}` {problem.text}", problem.fix)
        return params

    @field_validator("parser")
    @classmethod
    def _parses(cls, parser: dict[str, Any] | None) -> dict[str, Any] | None:
        problem = rules.parser_problem(parser) if parser is not None else None
        if problem is not None:
            raise ValueError(f"is no parser: {problem.problem}. {problem.fix}")
        return parser

    def asking(self, contract: OutputContract) -> dict[str, Any]:
        """The fields in the JSON form of a graph."""
        output = (self.output or contract).model_dump(by_alias=True, exclude_none=True)
        return {
            "template": self.template,
            "output": output,
            "params": self.params,
            "parser": default_parser(output) if self.parser is None else self.parser,
        }


class GenerateConfig(_Asking):
    """One call of the model; its answer is the value."""


class ForEachConfig(_Asking):
    """One call for each item of a list; the value is the list of answers.

    An item whose answer cannot be read is left out.
    """

    over: str = Field(min_length=1, description="The input or node whose value is the list.")
    item: str = Field(
        alias="as", pattern=rules.NAME_PATTERN, description="The item's name in the template."
    )
    most: int = Field(
        default=10,
        ge=1,
        le=rules.MAX_CALLS_EACH,
        description="The most items that are asked about, from the first on.",
    )


class BatchConfig(_Asking):
    """One call for several items of a list; the value is the list of answers, one an item.

    The template reads a list of objects with `id` and `item`, and asks for a JSON object from id
    to answer, or for lines `id: answer`. An item without an answer is left out.
    """

    over: str = Field(min_length=1, description="The input or node whose value is the list.")
    items: str = Field(
        alias="as", pattern=rules.NAME_PATTERN, description="The name of a call's items."
    )
    size: int = Field(
        default=5, ge=1, le=rules.MAX_BATCH_SIZE, description="The items of one call."
    )
    most: int = Field(
        default=100,
        ge=1,
        le=rules.MAX_BATCH_ITEMS,
        description="The most items that are asked about, from the first on.",
    )


class RetrieveConfig(_Part):
    """The items of a corpus that are nearest to a query, best first."""

    corpus: str = Field(
        alias="from",
        pattern=rules.CORPUS_PATTERN,
        description="A `.jsonl` file of the prompt's folder with an object a line; or `cases`: "
        "the cases of the search split, with `inputs` and `expected`, as examples.",
    )
    query: str = Field(
        min_length=1, description="The input or node to search for: a text or a list of texts."
    )
    by: Literal["bm25", "embeddings"] = "bm25"
    count: int = Field(default=3, ge=1, le=rules.MAX_RETRIEVED, description="The most items.")
    aggregate: Literal["round_robin", "max"] = Field(
        default="round_robin",
        description="With a list of queries: each in turn gives its best item, or the items with "
        "the highest score for any of them.",
    )
    exclude_exact: bool | None = Field(
        default=None,
        description="Leave out items whose text is the query; true for cases and false for files "
        "if left out. A run's own case is left out either way.",
    )
    text: str | None = Field(
        default=None,
        min_length=1,
        description="The field that is searched, `text` if left out; of cases an input, or all.",
    )

    @field_validator("corpus", mode="before")
    @classmethod
    def _is_corpus(cls, corpus: Any) -> Any:
        if isinstance(corpus, str) and not re.fullmatch(rules.CORPUS_PATTERN, corpus):
            raise ValueError(
                "is neither `cases` nor the name of a .jsonl file in lower case beside prompt.yaml"
            )
        return corpus

    def body(self) -> dict[str, Any]:
        """The node in the JSON form of a graph."""
        is_cases = self.corpus == CASES
        exclude = is_cases if self.exclude_exact is None else self.exclude_exact
        text = "text" if self.text is None and not is_cases else self.text
        own = self.model_dump(by_alias=True)
        return own | {"exclude_exact": exclude, "text": text}


class UnionConfig(_Part):
    """Lists and single values one after the other, without what was there before."""

    of: tuple[str, ...] = Field(min_length=1, description="Inputs and nodes, in this order.")

    @field_validator("of")
    @classmethod
    def _differ(cls, of: tuple[str, ...]) -> tuple[str, ...]:
        for n, name in enumerate(of):
            if name in of[:n]:
                raise ValueError(f"names `{name}` a second time")
        return of


class ExtractConfig(_Part):
    """A part of a value. Exactly one of `regex`, `json`, `xml` and `lines` says which."""

    source: str = Field(
        alias="from", min_length=1, description="The input or node whose value is read."
    )
    regex: str | None = Field(
        default=None, description="The first match of a pattern, or of its one group."
    )
    pointer: str | None = Field(
        default=None, alias="json", description="What a JSON pointer leads to, such as `/items/0`."
    )
    xml: str | None = Field(default=None, description="What stands in the last `<tag>`.")
    lines: Literal[True] | None = Field(
        default=None, description="The first line that is not blank."
    )
    every: bool = Field(
        default=False, alias="all", description="The list of all such parts, not one of them."
    )

    @field_validator("regex")
    @classmethod
    def _is_pattern(cls, regex: str | None) -> str | None:
        return _sound(regex, rules.regex_problem(regex) if regex is not None else None)

    @field_validator("pointer")
    @classmethod
    def _is_pointer(cls, pointer: str | None) -> str | None:
        return _sound(pointer, rules.pointer_problem(pointer) if pointer is not None else None)

    @field_validator("xml")
    @classmethod
    def _is_tag(cls, xml: str | None) -> str | None:
        return _sound(xml, rules.tag_problem(xml) if xml is not None else None)

    @model_validator(mode="after")
    def _one_way(self) -> ExtractConfig:
        ways = [self.regex, self.pointer, self.xml, self.lines]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("needs exactly one of `regex`, `json`, `xml`, `lines`")
        return self

    def body(self) -> dict[str, Any]:
        """The node in the JSON form of a graph."""
        return self.model_dump(by_alias=True, exclude_none=True)


class NodeConfig(_Part):
    """A node: exactly one of these keys, its kind."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    generate: GenerateConfig | None = None
    retrieve: RetrieveConfig | None = None
    for_each: ForEachConfig | None = None
    union: UnionConfig | None = None
    extract: ExtractConfig | None = None
    batch: BatchConfig | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> NodeConfig:
        there = [name for name, value in self if value is not None]
        if len(there) != 1 or len(self.model_fields_set) != 1:
            kinds = ", ".join(type(self).model_fields)
            raise ValueError(f"needs exactly one key, its kind: {kinds}")
        return self

    def node(self, contract: OutputContract) -> dict[str, Any]:
        """The node in the JSON form of a graph; ``contract`` is that of a node without its own."""
        if self.for_each is not None:
            each = self.for_each
            own = {"over": each.over, "as": each.item, "most": each.most}
            return {"for_each": own | each.asking(contract)}
        if self.batch is not None:
            batch = self.batch
            own = {"over": batch.over, "as": batch.items, "size": batch.size, "most": batch.most}
            return {"batch": own | batch.asking(contract)}
        if self.retrieve is not None:
            return {"retrieve": self.retrieve.body()}
        if self.extract is not None:
            return {"extract": self.extract.body()}
        if self.union is not None:
            return {"union": {"of": list(self.union.of)}}
        assert self.generate is not None  # the validator has seen to it
        return {"generate": self.generate.asking(contract)}


class ProgramConfig(Strict):
    """A prompt that takes more than one call: a graph of nodes without a cycle."""

    nodes: dict[str, NodeConfig] = Field(
        min_length=1,
        max_length=rules.MAX_NODES,
        description="By name: letters, digits and `_`, first a letter and last no `_`. "
        "Templates and nodes read a node's value by its name, and the prompt's inputs by theirs.",
    )
    output: str = Field(min_length=1, description="The node whose value is the answer.")

    @field_validator("nodes")
    @classmethod
    def _may_be_called_so(cls, nodes: dict[str, NodeConfig]) -> dict[str, NodeConfig]:
        for name in nodes:
            problem = rules.name_problem(name)
            if problem:
                raise MisfitError(f"`{name}` {problem.text}", problem.fix)
        return nodes

    @model_validator(mode="after")
    def _is_a_graph(self) -> ProgramConfig:
        try:
            graph = self.graph(OutputContract())
        except FormatError as error:
            raise MisfitError(error.problem, error.fix) from error
        if not graph.asking():
            fix = "add a node of the kind `generate`, `for_each` or `batch`"
            raise MisfitError("has no node that asks a model", fix)
        return self

    def own_output(self) -> OutputContract | None:
        """The contract that the output node has of its own, if it generates the answer."""
        node = self.nodes.get(self.output)
        return node.generate.output if node is not None and node.generate is not None else None

    def graph(self, output: OutputContract, where: str = "prompt.yaml") -> Graph:
        """The graph, with every default written out; ``output`` is the prompt's own contract."""
        text = OutputContract()
        nodes = {
            name: node.node(output if name == self.output and node.generate is not None else text)
            for name, node in self.nodes.items()
        }
        return Graph.from_dict({"nodes": nodes, "output": self.output}, where)


def _sound(value: str | None, problem: str | None) -> str | None:
    if problem:
        raise ValueError(problem)
    return value
