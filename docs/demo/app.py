"""An application: loads the pinned prompt of its model and answers with it."""

import sys

from landrace import Registry
from landrace.gateway.local import complete  # in production: from litellm import completion

prompt = Registry("registry").get("review-sentiment", "local/smollm2-135m-instruct")
for review in sys.argv[1:]:
    answer = prompt.parse(complete(**prompt.request(review=review)))
    print(f"{answer:<10} {review}")
