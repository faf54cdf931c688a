"""An application: loads the pinned prompt of its model and answers with it."""

import sys

from landrace import Registry
from landrace.gateway.base import Request
from landrace.gateway.connect import connect

prompt = Registry("registry").get("support-intent", "local/smollm2-135m-instruct")
with connect() as models:
    for message in sys.argv[1:]:
        answer = models.complete(Request.of(**prompt.request(message=message))).text
        print(f"{prompt.parse(answer):<18} {message}")
