"""Who calls: each family of paths with the credentials it asks for, of the demo's people."""

import os
import uuid

import schemathesis
from asking import PASSWORD, bearer, post

URL = os.environ["FUZZ_URL"]
AGENTS = r"^/api/(login|token|agent|work-session|upload|screenshot)(/|$)"
OWNER = r"^/api/owner/"


class Caller:
    """An access token lives ten minutes; a new one is taken well before."""

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers.update(data)


@schemathesis.auth(refresh_interval=240).apply_to(path_regex=OWNER)
class Owner(Caller):
    def get(self, case, context):
        return bearer(post(URL + "/api/auth/sign-in", {"email": "owner@demo.test", "password": PASSWORD}))


@schemathesis.auth(refresh_interval=240).apply_to(path_regex=AGENTS)
class Agent(Caller):
    def get(self, case, context):
        key = {"X-Company-Key": os.environ["FUZZ_COMPANY_KEY"]}
        device = {"id": str(uuid.uuid4()), "name": "desk", "os": "linux", "agent_version": "1"}
        person = {"email": "employee@acme.test", "password": PASSWORD, "device": device}
        return key | bearer(post(URL + "/api/login", person, headers=key))


@schemathesis.auth(refresh_interval=240).skip_for(path_regex=OWNER).skip_for(path_regex=AGENTS)
class Admin(Caller):
    def get(self, case, context):
        return bearer(post(URL + "/api/auth/sign-in", {"email": "admin@acme.test", "password": PASSWORD}))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Made-up passwords are never right: every second well-formed sign-in is a real one."""
    well_formed = case.meta is None or case.meta.generation.mode.is_positive
    if case.operation.path in ("/api/auth/sign-in", "/api/login") and well_formed and len(str(case.body)) % 2:
        case.body = {**case.body, "email": "employee@acme.test", "password": PASSWORD}
        case.body.pop("company_id", None)
