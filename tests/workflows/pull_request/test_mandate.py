"""What head's pipelines may do, and what takes base's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kinds import TWIN, WHOLE

from landrace.errors import ConfigError
from landrace.gateway.scripted import ScriptedGateway
from landrace.workflows.pull_request.mandate import mandate
from pull_request_world import PROMPT, PUPIL

if TYPE_CHECKING:
    from landrace.schemas.pipeline import PipelineConfig
    from landrace.workflows.pull_request.mandate import Mandate

HOME = {"api_base": "https://home.example", "api_version": "7"}
ELSEWHERE = "https://elsewhere.example"


def bounded(world, head: dict[str, Any], base: dict[str, Any] | None = None) -> Mandate:
    """Base's pipeline and head's, in words of `WHOLE`, and what is left of the latter."""
    if base is not None:
        with world.on_main():
            world.pipeline(**{**WHOLE, **base})
        world.repo.git("reset", "--quiet", "--hard", "main")
    world.pipeline(**{**WHOLE, **head})
    world.commit()
    with world.opened() as change:
        return mandate(change.check.base.project, change.check.head.project)


def config(found: Mandate) -> PipelineConfig:
    (pipeline,) = found.pipelines
    return pipeline.config


def model(**params: Any) -> dict[str, Any]:
    return {"id": PUPIL, "params": params}


def test_budgets_policies_and_the_gate_are_bases(world):
    greedy = {
        "budget": {"calls": 10**6, "cost_usd": 10**6},
        "policy": {"confidence": 0.51, "margin": 1},
        "gate": {"metrics": [{"allowed_drop": 0.99}], "inconclusive": "warn"},
        "allowed_models": ["*"],
        "transfer": True,
    }
    found = config(bounded(world, greedy, {"gate": {"inconclusive": "block"}}))
    assert found.budget.calls == 300
    assert found.policy.confidence == 0.95
    assert found.gate.inconclusive == "block"
    assert found.gate.metrics[0].allowed_drop == 0.05
    assert not found.transfer


def test_strategy_options_seed_and_prompts_are_heads(world):
    world.prompt("paints")
    wanted = {
        "strategy": {"name": "auto", "options": {"max_demos": 2}},
        "seed": 5,
        "prompts": ["paints"],
    }
    found = bounded(world, wanted)
    assert config(found).strategy.options == {"max_demos": 2}
    assert config(found).seed == 5
    assert found.pipelines[0].prompts == ("paints",)
    assert found.refused == ()


def test_a_model_that_base_does_not_name_is_refused(world):
    found = bounded(world, {"models": [PUPIL, TWIN]})
    assert [one.id for one in config(found).models] == [PUPIL]
    (why,) = found.refused
    assert why.startswith("pipelines/all.yaml: fake/twin is not called until base names it")


def test_a_pipeline_without_a_model_that_is_left_is_left_out(world):
    found = bounded(world, {"models": [TWIN]})
    assert found.pipelines == ()
    assert len(found.refused) == 1


@pytest.mark.parametrize(
    ("pattern", "name", "allowed"),
    [
        ("fake/*", TWIN, True),
        ("fake/tw?n", TWIN, True),
        ("openai/*", TWIN, False),
        ("*", "local/smollm2-135m-instruct", True),
        ("local/*", "local/smollm2-135m-instruct", True),
        ("local/*", "local//tmp/evil.gguf", False),
        ("*", "local/../evil.gguf", False),
        ("*", "local/models/evil.gguf", False),
        ("fake/*", "FAKE/twin", False),
        ("*", "huggingface/https://elsewhere.example/v1", False),
        ("oobabooga/*", "oobabooga/http://elsewhere.example", False),
    ],
)
def test_patterns_of_base_allow_models_but_no_path_to_a_file_and_no_address(
    world, pattern, name, allowed
):
    found = bounded(world, {"models": [PUPIL, name]}, {"allowed_models": [pattern]})
    assert (name in [one.id for one in config(found).models]) is allowed
    assert bool(found.refused) is not allowed


def test_a_file_that_base_itself_names_may_be_called(world):
    path = "local/models/ours.gguf"
    found = bounded(world, {"models": [path], "seed": 1}, {"models": [path]})
    assert config(found).models[0].id == path


def test_heads_patterns_allow_nothing(world):
    found = bounded(world, {"models": [PUPIL, TWIN], "allowed_models": ["*"]})
    assert [one.id for one in config(found).models] == [PUPIL]


@pytest.mark.parametrize(
    "params",
    [
        {"api_base": ELSEWHERE},
        {"base_url": ELSEWHERE},
        {"api_key": "sk-something"},
        {"extra_headers": {"X-Forward": ELSEWHERE}},
        {"headers": {"Host": "elsewhere.example"}},
        {"extra_body": {"n": 1000}},
        {"n": 1000},
        {"custom_llm_provider": "openai"},
        {"azure_ad_token": "x"},
        {"vertex_credentials": "/etc/passwd"},
        {"fallbacks": [TWIN]},
        {"mock_response": "red"},
        {"proxies": ELSEWHERE},
        {"timeout": 10**9},
        {"temperature": 0, "unheard_of": 1},
    ],
    ids=",".join,
)
def test_a_parameter_that_is_not_of_decoding_is_refused(world, params):
    found = bounded(world, {"models": [model(**params)]})
    assert found.pipelines == ()
    assert "only parameters of decoding may change before they are merged" in found.refused[0]


@pytest.mark.parametrize(
    ("params", "allowed"),
    [
        (HOME, True),
        ({**HOME, "temperature": 0.5, "max_tokens": 20}, True),
        ({}, False),
        ({"api_version": "7"}, False),
        ({**HOME, "api_base": ELSEWHERE}, False),
        ({**HOME, "api_base": HOME["api_base"] + "/"}, False),
        ({**HOME, "organization": "x"}, False),
    ],
    ids=str,
)
def test_bases_way_to_a_model_is_taken_whole_or_not_at_all(world, params, allowed):
    found = bounded(world, {"models": [model(**params)], "seed": 1}, {"models": [model(**HOME)]})
    assert bool(found.pipelines) is allowed
    if not allowed:
        assert found.refused[0].startswith("pipelines/all.yaml: fake/pupil is not called with `")


def test_one_entrys_address_does_not_go_with_anothers_key(world):
    ways = [
        {"api_base": "https://a.example", "organization": "a"},
        {"api_base": "https://b.example"},
    ]
    base = {"models": [model(**ways[0])], "proposer": model(**ways[1])}
    for way in ways:
        assert bounded(world, {"models": [model(**way)], "seed": 2}, base).pipelines
    mixed = {"api_base": "https://b.example", "organization": "a"}
    assert not bounded(world, {"models": [model(**mixed)]}, base).pipelines


@pytest.mark.parametrize(
    "params",
    [
        {"max_tokens": "1000"},
        {"max_tokens": -1},
        {"max_tokens": True},
        {"max_completion_tokens": 1.5},
        {"temperature": "hot"},
        {"stop": {"a": 1}},
        {"stop": [1]},
        {"reasoning_effort": ["high"]},
        {"seed": [1]},
    ],
    ids=str,
)
def test_a_decoding_parameter_of_another_kind_is_refused(world, params):
    found = bounded(world, {"models": [model(**params)]})
    assert found.pipelines == ()
    assert f"`{next(iter(params))}` is not a" in found.refused[0]


def test_decoding_parameters_are_heads(world):
    params = {"temperature": 0.2, "stop": ["\n"], "reasoning_effort": "low", "top_p": 1}
    assert config(bounded(world, {"models": [model(**params)]})).models[0].params == params


def test_a_proposer_takes_bases_word_too(world):
    base = {"proposer": "fake/dear"}
    assert (
        config(bounded(world, {"proposer": "fake/dear", "seed": 1}, base)).proposer.id
        == "fake/dear"
    )
    strange = bounded(world, {"proposer": TWIN})
    assert config(strange).proposer.id == "fake/dear"
    assert "fake/twin is not called" in strange.refused[0]
    sent_away = {"id": "fake/dear", "params": {"api_base": ELSEWHERE}}
    assert config(bounded(world, {"proposer": sent_away})).proposer.params == {}
    assert config(bounded(world, {"proposer": None, "seed": 3})).proposer is None


def test_no_more_calls_run_at_once_than_base_allows(world):
    hasty = {"id": PUPIL, "concurrency": 1024}
    calm = {"id": PUPIL, "concurrency": 2}
    assert config(bounded(world, {"models": [hasty]})).models[0].concurrency == 8
    assert config(bounded(world, {"models": [calm]})).models[0].concurrency == 2


def test_a_new_pipeline_waits_for_its_merge(world):
    world.pipeline("other", **{**WHOLE, "models": [PUPIL]})
    found = bounded(world, {"seed": 1})
    assert [one.name for one in found.pipelines] == ["all"]
    (why,) = found.refused
    assert why.startswith("pipelines/other.yaml is new and takes effect once it is merged")


def test_without_a_pipeline_on_base_nothing_is_called(world):
    with world.on_main():
        world.repo.git("rm", "--quiet", "pipelines/all.yaml")
    world.template(60)
    world.commit()
    gateway = ScriptedGateway(lambda _request: "red")
    results = world.carry_out(gateway=gateway)
    assert (results.cells, results.unfinished, gateway.calls) == ((), (), 0)
    report = world.gate_offline()
    assert report.exit_code == 0
    assert any("pipelines/all.yaml is new" in note for note in report.notes)


def test_what_is_refused_is_never_called(world):
    """The whole way: the pull request as a run sees it."""
    world.template(60)
    world.pipeline(
        **{**WHOLE, "models": [TWIN, model(api_base=ELSEWHERE)], "proposer": "fake/stranger"}
    )
    world.commit()
    gateway = ScriptedGateway(lambda _request: "red")
    assert world.carry_out(gateway=gateway).cells == ()
    assert gateway.calls == 0
    assert (PROMPT, PUPIL) not in world.todo()


def test_a_pipeline_that_cannot_be_read_is_an_error_with_its_place(world):
    world.repo.write("pipelines/all.yaml", "prompts: [colours]\nmodels: [fake/pupil]\nbugdet: 1\n")
    world.commit()
    with pytest.raises(ConfigError, match="did you mean `budget`"):
        world.todo()


def test_a_training_command_is_bases(world):
    ours = {"training": {"command": ["python", "train.py"]}}
    found = bounded(world, {"training": {"command": ["sh", "-c", "steal"]}}, ours)
    assert config(found).training.command == ("python", "train.py")
    assert "takes effect once it is merged" in "".join(found.refused)


def test_a_training_command_that_head_brings_is_left_out(world):
    found = bounded(world, {"training": {"command": ["sh", "-c", "steal"]}})
    assert config(found).training is None
