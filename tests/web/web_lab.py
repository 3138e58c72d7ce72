#!/usr/bin/env python3
"""A whole Ghost with a site of two versions, and a browser that works with it: web_lab.py STAGE SCENARIO.mjs

The scenario is run by Node's own test runner and gets what it must know as JSON in GHOST_WEB. Its TAP is the answer.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import ghostlab  # noqa: E402 (its folder was made known above)
from ghostlab import b64  # noqa: E402

# A scenario says with `// needs: …` in its first lines what is there before it begins; else an empty Ghost with a repository.
POST_DEPLOY = "#!/bin/sh\necho serving $(cat page.html)\n"


def make_repository(lab):
    repository = ghostlab.Repository(lab.folder / "site")
    for number, word in enumerate(("one", "two"), 1):
        repository.commit({"page.html": f"{word}\n", "VERSION": f"v{number}\n"}, f"Page {word}", tag=f"v{number}")
    return repository


def needs_of(scenario):
    first = scenario.read_text().split("\n", 5)
    return {word for line in first if line.startswith("// needs: ") for word in line.removeprefix("// needs: ").split()}


def prepare(lab, needs, known):
    repository = make_repository(lab)
    known["repository"] = repository.url
    if "app" in needs:
        site = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site", "post_deploy": b64(POST_DEPLOY)}
        known["app_id"] = lab.ready_app([site], instances=2)
        known["job_id"] = lab.deploy(known["app_id"], {"site": "v1"})["_id"]
        known["instance_id"] = lab.instances(known["app_id"])[0]["instance_id"]
    if "network" in needs:
        known["network"] = lab.sandbox_state()


def main(stage, name):
    scenario = HERE / name
    needs = needs_of(scenario)
    with ghostlab.Lab() as lab:
        for role in ("operator", "viewer"):
            lab.add_user(role, role)
        known = {
            "url": f"http://127.0.0.1:{lab.http_port}",
            "port": lab.http_port,
            "user": "admin",
            "password": lab.password,
            "stage": stage,
            "slowness": ghostlab.SLOWNESS,
            "data": str(lab.folder / "data"),
            "agent": str(ghostlab.AGENT),
        }
        prepare(lab, needs, known)
        words = ["node", "--test", "--test-reporter=tap", "--test-concurrency=1", str(scenario)]
        done = subprocess.run(words, env=dict(os.environ, GHOST_WEB=json.dumps(known)), stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            lab.print_logs()
    return done.returncode


sys.exit(main(*sys.argv[1:]))
