"""A provider with a login for people is never asked to begin one."""

from __future__ import annotations

import socket
from typing import NamedTuple
from unittest.mock import Mock

import pytest

from landrace.errors import ModelError
from landrace.gateway.base import Message, Request
from landrace.gateway.litellm import LiteLLMGateway, check_model, known_models, price_of
from landrace.gateway.logins import needs_login

# Pytest takes back the filters that the gateway sets for everybody.
pytestmark = pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class:UserWarning")


class Login(NamedTuple):
    provider: str
    model: str
    folder: str
    file: str


LOGINS = [
    Login("github_copilot", "github_copilot/gpt-4o", "GITHUB_COPILOT_TOKEN_DIR", "access-token"),
    Login("chatgpt", "chatgpt/gpt-5.4", "CHATGPT_TOKEN_DIR", "auth.json"),
]
each = pytest.mark.parametrize("login", LOGINS, ids=[login.provider for login in LOGINS])


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """A home without a login, and no way out of this machine."""

    def refuse(*arguments, **_options):
        pytest.fail(f"something was to be connected with: {arguments}")

    known_models()  # litellm is imported as the gateway does it
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    for login in LOGINS:
        monkeypatch.delenv(login.folder, raising=False)
    return tmp_path


def test_they_are_those_that_litellm_names():
    from litellm.constants import PROVIDERS_THAT_AUTHENTICATE_ON_PROVIDER_INFO as NAMED

    assert {login.provider for login in LOGINS} == NAMED
    assert all(needs_login(f"{provider}/any") for provider in NAMED)
    assert not needs_login("openai/chatgpt-4o-latest")


@each
def test_without_a_login_the_error_says_how_to_get_one(login, home, capfd):
    with pytest.raises(ModelError, match=f"nobody has logged in to {login.provider}") as caught:
        check_model(login.model)
    assert f"litellm.llms.{login.provider}.authenticator" in caught.value.fix
    with pytest.raises(ModelError, match="landrace starts no login"):
        LiteLLMGateway().complete(Request(login.model, (Message("user", "hi"),)))
    assert price_of(login.model) is None
    assert capfd.readouterr() == ("", "")
    assert list(home.iterdir()) == []


@each
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_login_that_is_there_passes(login, home, monkeypatch, elsewhere):
    kept = home / ("elsewhere" if elsewhere else f".config/litellm/{login.provider}")
    kept.mkdir(parents=True)
    (kept / login.file).write_text("a login")
    if elsewhere:
        monkeypatch.setenv(login.folder, str(kept))
    check_model(login.model)


@each
def test_what_the_fix_tells_to_run_is_there(login, monkeypatch):
    with pytest.raises(ModelError) as caught:
        check_model(login.model)
    authenticator = f"litellm.llms.{login.provider}.authenticator.Authenticator"
    log_in = Mock()
    monkeypatch.setattr(f"{authenticator}.get_access_token", log_in)
    exec(caught.value.fix.split('"')[1], {})
    log_in.assert_called_once_with()
