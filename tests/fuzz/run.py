"""Schemathesis against a server of its own with the demo's data. `--examples N`: how many per operation.

Writes schemathesis.json ({operations, examples, cases, failures, server_errors, seconds}) into the report folder.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

import requests
from asking import PASSWORD, bearer, post

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """The development build on a private database in a folder that goes away."""

    def __init__(self, folder):
        settings = {
            "PORT": str(free_port()),
            "DATA_DIR": str(folder / "data"),
            "FRONTEND_DIR": str(folder / "no-frontend"),
            "LOG_FORMAT": "json",
            # Hundreds of requests a second from one person are the point here.
            **dict.fromkeys(["RATE_LIMIT_ADDRESS", "RATE_LIMIT_USER", "RATE_LIMIT_COMPANY"], "1000000"),
        }
        self.log = folder / "server.log"
        self.process = subprocess.Popen(
            [TARGET / "debug/tracker", "serve", "--demo"],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
            # From where it finds the PostgreSQL of scripts/postgres, if the machine has no other.
            cwd=ROOT,
        )
        for line in self.process.stdout:
            if found := re.match(r"ready (http\S+)", line):
                self.url = found[1]
                return
        sys.exit("the server ended before it was ready:\n" + self.log.read_text())

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


def seed(url):
    """Something that may be suspended, rotated and deactivated without harm to whoever calls."""

    def signed_in(email):
        person = {"email": email, "password": PASSWORD}
        return {"headers": bearer(post(url + "/api/auth/sign-in", person))}

    owner, admin = signed_in("owner@demo.test"), signed_in("admin@acme.test")
    made = post(
        url + "/api/owner/companies",
        {"name": "Fuzzed", "admin_email": "admin@fuzzed.test", "plan": "FREE", "time_zone": "UTC"},
        **owner,
    )
    people = requests.get(url + "/api/employees", timeout=30, **admin).json()["items"]
    plan = {"max_employees": 5, "max_storage_gb": 5, "retention_days": 90, "history_days": 90}
    features = {"screenshots": True, "api_access": True, "webhooks": False, "exports": True}
    price = {"currency": "EUR", "period": "month", "price_minor": 900}
    plan = post(url + "/api/owner/plans", {**plan, "features": features, "name": "FUZZED", "prices": [price]}, **owner)
    colleague = {"email": "colleague@fuzzed.test", "name": "Colleague", "password": PASSWORD}
    colleague = post(url + "/api/owner/owners", colleague, **owner)["owner"]
    rate = {"from_currency": "XTS", "to_currency": "EUR", "rate": "1.5", "valid_from": "2026-01-01"}
    rate = post(url + "/api/owner/exchange-rates", rate, **owner)
    export = post(url + "/api/exports", {"password": PASSWORD}, **admin)
    own_export = post(url + "/api/me/exports", {"password": PASSWORD}, **admin)
    key = post(url + "/api/company-key/reveal", {"password": PASSWORD}, **admin)["company_key"]
    return key, {
        "companies": [made["company"]["id"]],
        "plans": [plan["id"]],
        "owners": [colleague["id"]],
        "exchange_rates": [rate["id"]],
        "exports": [export["id"]],
        "own_exports": [own_export["id"]],
        "employees": [p["id"] for p in people if p["role"] == "EMPLOYEE" and not p["email"].startswith("employee@")],
    }


def counts(events):
    """What was asked and what came back, from the run's own record."""
    operations, cases, failures, server_errors = set(), 0, 0, 0
    for line in events.open():
        [(kind, event)] = json.loads(line).items()
        if kind != "ScenarioFinished":
            continue
        recorder = event["recorder"]
        operations.add(recorder["label"])
        answers = [asked.get("response") for asked in recorder.get("interactions", {}).values()]
        cases += len(answers)
        server_errors += sum(answer is None or answer["status_code"] >= 500 for answer in answers)
        checks = [check for those in recorder.get("checks", {}).values() for check in those]
        failures += sum(check["status"] == "failure" for check in checks)
    return {"operations": len(operations), "cases": cases, "failures": failures, "server_errors": server_errors}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--examples", type=int, default=10)
    examples = arguments.parse_args().examples
    begin = time.monotonic()
    report = TARGET / "report"
    report.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tracker-fuzz-") as folder:
        folder = pathlib.Path(folder)
        # As root the database runs as another user, who must get through to its files.
        folder.chmod(0o711)
        server = Server(folder)
        try:
            key, known = seed(server.url)
            for name, ids in known.items():
                (folder / f"{name}.txt").write_text("\n".join(map(json.dumps, ids)))
            settings = (HERE / "schemathesis.toml").read_text().replace("@folder@", str(folder))
            (folder / "schemathesis.toml").write_text(settings)
            events = folder / "events.ndjson"
            run = subprocess.run(
                [pathlib.Path(sys.executable).with_name("st"), "--config-file", folder / "schemathesis.toml"]
                + ["run", server.url + "/api/openapi.json", "--max-examples", str(examples)]
                + ["--report-ndjson-path", events],
                env=os.environ
                | {"FUZZ_URL": server.url, "FUZZ_COMPANY_KEY": key, "PYTHONPATH": str(HERE)}
                | {"SCHEMATHESIS_HOOKS": "hooks"},
                cwd=folder,
            )
        finally:
            server.end()
        figures = counts(events) | {"examples": examples, "seconds": round(time.monotonic() - begin)}
    (report / "schemathesis.json").write_text(json.dumps(figures))
    print("schemathesis:", ", ".join(f"{value} {name}" for name, value in figures.items()))
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
