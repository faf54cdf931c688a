"""The executor: what to ask next, without asking. Whoever drives it does the input and output.

An evaluation that runs thousands of cases at once and an application that runs one drive the
same generator, so what was scored is what is served::

    run = program.run(inputs)
    asks = next(run)
    try:
        while True:
            asks = run.send([ask_the_model(ask) for ask in asks])
    except StopIteration as end:
        result = end.value
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from landrace.errors import ConfigError
from landrace.parsers import ParseFailure, parse
from landrace.program.calls import Call, prepare, read
from landrace.program.check import Plan
from landrace.program.compute import compute
from landrace.program.nodes import MAIN, Asking, Generate, Retrieve, links
from landrace.program.trace import Ask, Failure, Result, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.program.compute import Search
    from landrace.program.graph import Graph
    from landrace.template import Compiled

# One node that reads inputs alone: there is nothing to check it against.
_PLAIN = Plan((MAIN,), (), {}, {})

Run: TypeAlias = Generator[list[Ask], list[str], Result]


class Program:
    """A checked graph with its compiled templates, ready to run from many threads at once.

    Args:
        graph: the nodes.
        plan: what `landrace.program.check.check` says of them.
        templates: the compiled template of each node that asks.
        searches: what finds the items of each retrieve node.

    Raises:
        ConfigError: a retrieve node has nothing to search.
    """

    __slots__ = ("_searches", "_single", "graph", "plan", "templates")

    def __init__(
        self,
        graph: Graph,
        plan: Plan,
        templates: Mapping[str, Compiled],
        searches: Mapping[str, Search] | None = None,
    ) -> None:
        self.graph = graph
        self.plan = plan
        self.templates = templates
        self._searches = searches or {}
        for name, node in graph.nodes.items():
            if isinstance(node, Retrieve) and name not in self._searches:
                raise ConfigError(f"the node `{name}` has nothing to search", where=node.corpus)
        output = graph.nodes[graph.output]
        self._single = output if isinstance(output, Generate) and len(graph.nodes) == 1 else None

    @classmethod
    def plain(cls, graph: Graph, template: Compiled) -> Program:
        """The program of a prompt without a graph; see `Graph.plain`."""
        return cls(graph, _PLAIN, {MAIN: template})

    def run(self, inputs: Mapping[str, Any]) -> Run:
        """The run on one set of inputs, which must fit the prompt's schema.

        Yields:
            The calls to make now, never none; send back their raw texts in the same order.

        Returns:
            The `Result`. An output that cannot be read, or that a later template cannot render,
            is a failure in it and no error.

        Raises:
            RenderError, InputTypeError: a template does not render with the inputs alone.
            ValueError: not as many texts came back as calls were asked for.
        """
        if self._single is not None:
            return self._run_single(self._single, inputs)
        return _Execution(self, inputs).rounds()

    def first_asks(self, inputs: Mapping[str, Any]) -> list[Ask]:
        """The calls that a run begins with; none where it ends without any. Raises like `run`."""
        run = self.run(inputs)
        try:
            return next(run)
        except StopIteration:
            return []
        finally:
            run.close()

    def search(self, name: str) -> Search | None:
        """What finds the items of a node, if it is one that retrieves."""
        return self._searches.get(name)

    def _run_single(self, node: Generate, inputs: Mapping[str, Any]) -> Run:
        """A plain prompt: what the general way does for it, without the bookkeeping."""
        name = self.graph.output
        messages = self.templates[name].render(inputs)
        (text,) = yield [Ask(name, messages, node.params)]
        try:
            answer, reason = parse(node.parser, text), None
        except ParseFailure as failure:
            answer, reason = None, failure.reason
        step = Step(name, inputs, messages, text, answer, reason)
        return Result(answer, text, (step,), None if reason is None else Failure(name, reason))


def drive(run: Run, answer: Callable[[Ask], str]) -> Result:
    """Run a program to its end, asking one call after the other.

    Raises:
        Whatever ``answer`` raises, and like `Program.run`.
    """
    try:
        asks = next(run)
    except StopIteration as end:
        return _result(end)
    while True:
        texts = [answer(ask) for ask in asks]
        try:
            asks = run.send(texts)
        except StopIteration as end:
            return _result(end)


def _result(end: StopIteration) -> Result:
    result: Result = end.value
    return result


class _Execution:
    """One run of a program with more than one node."""

    __slots__ = ("_failure", "_inputs", "_output", "_program", "_steps", "_values")

    def __init__(self, program: Program, inputs: Mapping[str, Any]) -> None:
        self._program = program
        self._inputs = inputs
        self._values = dict(inputs)
        self._steps: list[Step] = []
        self._output: str | None = None
        self._failure: Failure | None = None

    def rounds(self) -> Run:
        for asked, computed in self._program.plan.rounds:
            yield from self._ask(asked)
            for name in computed:
                if self._failure is None:
                    self._compute(name)
            if self._failure is not None:
                return Result(None, self._output, tuple(self._steps), self._failure)
        answer = self._values[self._program.graph.output]
        return Result(answer, self._output, tuple(self._steps), None)

    def _ask(self, names: Sequence[str]) -> Generator[list[Ask], list[str], None]:
        """Ask all calls of some nodes at once, and keep their values."""
        calls = {name: self._prepare(name) for name in names}
        if self._failure is not None:
            return  # nothing is asked for a run that has no answer any more
        asks = [
            Ask(name, call.messages, call.node.params)
            for name in names
            for call in calls[name]
            if call.messages is not None
        ]
        texts = (yield asks) if asks else []
        if len(texts) != len(asks):
            raise ValueError(f"{len(asks)} calls were to be made, and {len(texts)} texts came back")
        answers = iter(texts)
        for name in names:
            self._read(name, calls[name], answers)

    def _prepare(self, name: str) -> list[Call]:
        program = self._program
        node = program.graph.nodes[name]
        assert isinstance(node, Asking)
        trusted = not any(each in program.graph.nodes for each in program.plan.reads[name])
        try:
            calls = prepare(name, node, program.templates[name], self._values, trusted=trusted)
        except ParseFailure as failure:
            over = {each: self._values.get(each) for each in links(node)}
            self._fail(Step(name, over, None, None, None, failure.reason))
            return []
        if isinstance(node, Generate) and calls[0].failure is not None:
            self._fail(read(calls[0], None)[0])
        return calls

    def _read(self, name: str, calls: Sequence[Call], texts: Iterator[str]) -> None:
        """Read the answers of a node's calls; those of single items may fail."""
        node = self._program.graph.nodes[name]
        values = []
        for call in calls:
            text = next(texts) if call.messages is not None else None
            step, found = read(call, text)
            self._output = text if text is not None else self._output
            if isinstance(node, Generate) and step.failure is not None:
                self._fail(step)
                return
            self._steps.append(step)
            values += found
        self._values[name] = values[0] if isinstance(node, Generate) else values

    def _compute(self, name: str) -> None:
        program = self._program
        node = program.graph.nodes[name]
        assert not isinstance(node, Asking)
        inputs = {each: self._values.get(each) for each in links(node)}
        try:
            value = compute(node, inputs, program.search(name), self._inputs)
        except ParseFailure as failure:
            self._fail(Step(name, inputs, None, None, None, failure.reason))
            return
        self._values[name] = value
        self._steps.append(Step(name, inputs, None, None, value, None))

    def _fail(self, step: Step) -> None:
        """Keep a step that ends the run; the first one is why."""
        self._steps.append(step)
        if self._failure is None:
            self._failure = Failure(step.node, step.failure or "it has no value")
