from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import CallError, LandraceError, ModelError, TransientCallError
from landrace.gateway.litellm_errors import explain, missing_key, retry_after_s


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after_s(value, now=10.0) == seconds


@given(st.text())
def test_any_retry_after_is_read_or_ignored(value):
    seconds = retry_after_s(value, now=0.0)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


class ProviderError(Exception):
    def __init__(self, text, status_code=None, headers=None):
        super().__init__(text)
        self.status_code = status_code
        self.litellm_response_headers = headers


def test_the_message_is_the_providers_own_words():
    error = ProviderError(
        "litellm.RateLimitError: RateLimitError: OpenAIException - slow\n down", 429
    )
    assert explain(error, "m").problem == "the provider failed (429): slow down"


def test_no_traceback_reaches_the_reader():
    error = ProviderError("oops\nTraceback (most recent call last):\n  File /home/me/x.py", 500)
    assert explain(error, "m").problem == "the provider failed (500): oops"


def test_long_messages_are_cut_after_they_were_redacted():
    error = ProviderError("x" * 290 + " sk-" + "a" * 40, 400)
    assert "sk-" not in explain(error, "m").problem
    assert len(explain(error, "m").problem) < 400


def test_an_error_without_status_is_worth_another_try():
    assert isinstance(explain(KeyError("choices"), "m"), TransientCallError)


def test_headers_are_found_in_any_case():
    error = ProviderError("slow", 429, {"Retry-After": "2"})
    assert explain(error, "m").retry_after == 2.0


def gemini_error(quota, limit=10):
    return ProviderError(
        "litellm.RateLimitError: geminiException - {'error': {'code': 429, 'message': 'You exceeded "
        "your current quota, please check your plan and billing details. * Quota exceeded for "
        f"metric: generate_content_free_tier_requests, limit: {limit}, model: gemini-2.5-flash "
        "Please retry in 36.4s.', 'details': [{'quotaId': "
        f"'GenerateRequests{quota}PerProjectPerModel-FreeTier'}}, {{'retryDelay': '36s'}}]}}}}",
        429,
    )


def test_a_limit_of_a_minute_passes_after_as_long_as_the_provider_says():
    found = explain(gemini_error("PerMinute"), "m")
    assert isinstance(found, TransientCallError)
    assert found.retry_after == 36.4


@pytest.mark.parametrize("error", [gemini_error("PerDay"), gemini_error("PerMinute", limit=0)])
def test_a_limit_of_a_day_or_no_quota_at_all_is_not_waited_for(error):
    assert isinstance(explain(error, "m"), ModelError)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Limit 3, Used 3. Please try again in 20s. Add a card at openai.com/billing", 20.0),
        ("slow, try again in 120ms", None),
        ('"retryDelay": "7s"', 7.0),
        ("slow", None),
    ],
)
def test_a_delay_may_stand_in_the_providers_words(text, seconds):
    found = explain(ProviderError(text, 429), "m")
    assert isinstance(found, TransientCallError)
    assert found.retry_after == seconds


def test_a_header_goes_before_words():
    error = ProviderError("Please retry in 36.4s.", 429, {"Retry-After": "2"})
    assert explain(error, "m").retry_after == 2.0


@pytest.mark.parametrize(
    "text",
    [
        "Your chosen model requires moderation and your input was flagged",
        "content_policy_violation",
        "Request blocked: prompt injection patterns detected",
    ],
)
def test_a_flagged_input_is_the_one_request_and_not_the_key(text):
    found = explain(ProviderError(text, 403), "m")
    assert isinstance(found, CallError)
    assert not isinstance(found, TransientCallError)


@pytest.mark.parametrize("text", ["forbidden", "Your account was flagged and may not use models"])
def test_every_other_403_is_about_the_key(text):
    assert isinstance(explain(ProviderError(text, 403), "m"), ModelError)


@pytest.mark.parametrize(
    "text",
    [
        "Missing credentials. Please pass an `api_key`",
        "Missing Gemini API key. Set the GEMINI_API_KEY",
        "Unable to locate credentials",
    ],
)
def test_missing_credentials_are_no_outage(text):
    assert isinstance(explain(ProviderError(text, 500), "m"), ModelError)


def test_several_variables_are_all_named():
    assert missing_key("m", ["B_KEY", "A_KEY"]).fix.endswith("account: A_KEY, B_KEY.")


@given(st.text(), st.none() | st.integers(100, 600))
def test_every_failure_is_explained(text, status):
    assert isinstance(explain(ProviderError(text, status), "m"), LandraceError)
