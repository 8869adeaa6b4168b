"""What schemathesis does not check by itself: nobody gets in without a token, and every answer has the headers that browsers heed."""

import os

import requests
import schemathesis

# A session is opened and ended without a token; what is wrong there has its own tests.
OPEN = {("POST", "/admin/api/session"), ("DELETE", "/admin/api/session")}

HEADERS = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "cache-control": "no-store"}


@schemathesis.hook
def before_call(ctx, case, kwargs):
    # The token that all of this goes by is listed too, and stays.
    if case.path_parameters.get("name") == os.environ["HARDTACK_API_TOKEN_NAME"]:
        case.path_parameters["name"] = "somebody"


@schemathesis.check
def nobody_gets_in_without_a_token(ctx, response, case):
    if (case.method.upper(), case.operation.path) in OPEN or not 200 <= response.status_code < 300:
        return
    for token, refused in [(None, {401}), ("hardtack_" + "0" * 64, {401, 429})]:
        request = response.request.copy()
        request.headers.pop("Authorization", None)
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        with requests.Session() as session:
            status = session.send(request, timeout=30).status_code
        assert status in refused, f"{status} with the token {token}"


@schemathesis.check
def every_answer_has_its_headers(ctx, response, case):
    for name, value in HEADERS.items():
        assert response.headers.get(name) == [value], f"{name}: {response.headers.get(name)}"
