"""``landrace schema``."""

from __future__ import annotations

import click

from landrace.commands.output import emit, examples, format_option, table
from landrace.errors import ConfigError
from landrace.metrics import table as metrics
from landrace.schemas.published import SCHEMAS, json_schema
from landrace.store.atomic import json_text
from landrace.strict_json import near_fix

_FILES = {
    "prompt": "prompts/<name>/prompt.yaml",
    "pipeline": "pipelines/<name>.yaml",
    "case": "one line of prompts/<name>/cases.jsonl",
    "pin": "registry/<prompt>/<model>/pin.json",
    "choices": "registry/<prompt>/<model>/choices.json",
    "report": "registry/<prompt>/<model>/report.json",
    "evidence": "registry/<prompt>/<model>/evidence.json",
    "gate": "what `landrace gate --format json` prints",
    "plan": "what `landrace plan --base REF --format json` prints",
    "results": ".landrace/results.json, of `landrace optimize --base REF`",
    "pull-request": "what `landrace report --base REF --format json` prints",
    "baseline": "tests/landrace/<prompt>/<model>/gate-all.yml, of the pytest plugin",
    "metrics": "one entry of `metrics` in prompt.yaml",
}


@click.command(
    epilog=examples("landrace schema", "landrace schema prompt > prompts/.schemas/prompt.json")
)
@click.argument("name", required=False)
@format_option()
def command(*, name: str | None, output_format: str) -> None:
    """List or print the JSON Schemas of landrace's files.

    They are draft-07, which editors understand. A schema is JSON whatever the format.
    """
    if name is None:
        emit(_FILES, table(_FILES.items(), ("name", "describes")), output_format)
    elif name == "metrics":
        click.echo(json_text(metrics.json_schema()), nl=False)
    elif name in SCHEMAS:
        click.echo(json_text(json_schema(name, metrics=metrics.METRICS)), nl=False)
    else:
        fix = near_fix(name, _FILES) or f"there are {', '.join(_FILES)}"
        raise ConfigError(f"there is no schema `{name}`", fix=fix)
