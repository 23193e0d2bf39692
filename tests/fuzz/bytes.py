"""Made-up bytes for what reads those of strangers: every program of `targets` by libFuzzer, one after the other.

`--minutes M`: for all of them together. Begins with the bytes of `corpus` and what earlier runs found worth keeping.
Writes fuzz.json ({executions, seconds, crashes, targets: {name: {…}}}) into the report folder. What crashes is kept;
moved into the target's folder of `corpus`, `cargo test` tries it from then on.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
FOLDER = TARGET / "fuzz"
CARGO_FUZZ = TARGET / "tools/bin/cargo-fuzz"

# An address sanitizer is built by the compiler of the product when it is told that it may; no second one is needed.
# The product's release profile would spend most of the time on linking.
BUILD = os.environ | {
    "RUSTC_BOOTSTRAP": "1",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_STRIP": "none",
}


def build():
    """All programs at once; they are run as they are, whatever is edited meanwhile."""
    command = [CARGO_FUZZ, "fuzz", "build", "--fuzz-dir", HERE / "targets", "--target-dir", FOLDER / "build"]
    command += ["--features", "targets", "--codegen-units", "16"]
    if subprocess.run(command, cwd=ROOT, env=BUILD).returncode:
        sys.exit("the targets could not be built")
    [folder] = (FOLDER / "build").glob("*/release/picture")
    return folder.parent


def run(programs, target, seconds):
    """Figures of one target; its own lines are in a log beside what it found."""
    found, crashes = FOLDER / "corpus" / target, FOLDER / "crashes" / target
    for folder in (found, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    log = FOLDER / f"{target}.log"
    begin = time.time()
    with log.open("w") as out:
        command = [programs / target, found, HERE / "corpus" / target, f"-max_total_time={seconds}"]
        command += [f"-artifact_prefix={crashes}/", "-timeout=20", "-print_final_stats=1", "-max_len=65536"]
        # The sanitizer's runtime is linked into program and crates alike, which is no fault of theirs.
        options = os.environ | {"ASAN_OPTIONS": "detect_odr_violation=0"}
        status = subprocess.run(command, env=options, stdout=out, stderr=subprocess.STDOUT).returncode
    executions = re.search(r"stat::number_of_executed_units:\s+(\d+)", log.read_text(errors="replace"))
    if not executions:
        sys.exit(f"{target} did not run: see {log}")
    kept = [str(file) for file in sorted(crashes.iterdir()) if file.stat().st_mtime >= begin]
    # The rest of a target's time is lost with its first crash.
    return {
        "executions": int(executions[1]),
        "seconds": round(time.time() - begin),
        "crashes": max(len(kept), int(status != 0)),
        "kept": kept,
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=11)
    arguments.add_argument("target", nargs="*")
    wanted = arguments.parse_args()
    targets = wanted.target or sorted(file.stem for file in (HERE / "targets/src/bin").iterdir())
    programs = build()
    seconds = max(1, round(wanted.minutes * 60 / len(targets)))
    figures = {}
    for target in targets:
        figures[target] = run(programs, target, seconds)
        print(f"{target}: {figures[target]['executions']} executions, {figures[target]['crashes']} crashes", flush=True)
        for file in figures[target]["kept"]:
            print("  " + file)
    total = {name: sum(one[name] for one in figures.values()) for name in ("executions", "seconds", "crashes")}
    report = TARGET / "report"
    report.mkdir(parents=True, exist_ok=True)
    (report / "fuzz.json").write_text(json.dumps(total | {"targets": figures}, indent=2) + "\n")
    print("made-up bytes:", ", ".join(f"{value} {name}" for name, value in total.items()))
    return int(total["crashes"] > 0)


if __name__ == "__main__":
    sys.exit(main())
