#!/usr/bin/env python3
"""How long the lists, filters and items take that clients ask for, with a large store behind them.

Usage: lists.py SERVER DATABASE_FOLDER [--seconds S] [--goal MS]

SERVER is the rest-server of tests/integration, DATABASE_FOLDER holds a ghost.db made by fill.py. Prints a line per
call (p50, p99, worst, in milliseconds) and fails when a p99 is over the goal."""
import argparse
import http.client
import json
import pathlib
import random
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))
import restlab  # noqa: E402

RNG = random.Random(7)


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path, **parameters):
        words = {k: v if isinstance(v, (str, int)) else json.dumps(v) for k, v in parameters.items()}
        target = path + ("?" + urllib.parse.urlencode(words) if words else "")
        started = time.perf_counter()
        self.connection.request("GET", target, headers={"Authorization": "Bearer olga"})
        response = self.connection.getresponse()
        body = response.read()
        elapsed = time.perf_counter() - started
        assert response.status == 200, (target, response.status, body[:300])
        return elapsed, body


def calls(client):
    """name: a function that makes one call, each time with other values."""
    apps = json.loads(client.get("/apps", max_results=200, projection={"name": 1})[1])["_items"]
    jobs = json.loads(client.get("/jobs", max_results=200, sort="-_updated")[1])["_items"]
    deployments = json.loads(client.get("/deployments", max_results=200, sort="-timestamp")[1])["_items"]
    get, pick = client.get, RNG.choice

    def of_apps():
        return {"$or": [{"app_id": app["_id"]} for app in RNG.sample(apps, 20)]}

    newest = {"sort": "-_updated"}
    return {
        "apps: newest": lambda: get("/apps", **newest),
        "apps: page 40": lambda: get("/apps", page=40, **newest),
        "apps: by env": lambda: get("/apps", where={"env": pick(["prod", "dev", "test"])}, **newest),
        "apps: by env and role": lambda: get("/apps", where={"env": "prod", "role": pick(["worker", "search"])}, **newest),
        "apps: name regex, many": lambda: get("/apps", where={"name": {"$regex": ".*" + pick(["shop", "blog", "crm"]) + ".*"}}, **newest),
        "apps: name regex, one": lambda: get("/apps", where={"name": {"$regex": f".*{RNG.randrange(50000):05}.*"}}, **newest),
        "apps: name regex, none": lambda: get("/apps", where={"name": {"$regex": ".*nowhere.*"}}, **newest),
        "apps: 200 envs": lambda: get("/apps", max_results=200, projection={"env": 1}, **newest),
        "apps: last deployments": lambda: get("/apps", embedded={"modules.last_deployment": 1}, **newest),
        "app": lambda: get(f"/apps/{pick(apps)['_id']}"),
        "jobs: newest": lambda: get("/jobs", embedded={"app_id": 1}, **newest),
        "jobs: page 1000": lambda: get("/jobs", page=1000, embedded={"app_id": 1}, **newest),
        "jobs: of 20 apps": lambda: get("/jobs", where=of_apps(), embedded={"app_id": 1}, **newest),
        "jobs: of no app": lambda: get("/jobs", where={"$or": [{"app_id": "null"}]}, **newest),
        "jobs: by command": lambda: get("/jobs", where={"command": pick(["deploy", "buildimage"])}, embedded={"app_id": 1}, **newest),
        "jobs: by status": lambda: get("/jobs", where={"status": pick(["done", "failed", "started", "init"])}, **newest),
        "jobs: command and status": lambda: get("/jobs", where={"command": "deploy", "status": pick(["init", "aborted", "started"])}, **newest),
        "jobs: by user": lambda: get("/jobs", where={"user": pick(["user07", "api", "nobody"])}, **newest),
        "jobs: user regex": lambda: get("/jobs", where={"user": {"$regex": pick([".*user1.*", ".*9.*", ".*none.*", ".*"])}}, **newest),
        "jobs: all at once": lambda: get("/jobs", where={"user": {"$regex": ".*user1.*"}, "command": "deploy", "status": "failed", **of_apps()}, **newest),
        "jobs: by 10 ids": lambda: get("/jobs", where={"_id": {"$in": [job["_id"] for job in RNG.sample(jobs, 10)]}}, **newest),
        "job": lambda: get(f"/jobs/{pick(jobs)['_id']}", embedded={"app_id": 1}),
        "deployments: newest": lambda: get("/deployments", sort="-timestamp", embedded={"app_id": 1, "job_id": 1}),
        "deployments: of 20 apps": lambda: get("/deployments", sort="-timestamp", where=of_apps(), embedded={"app_id": 1, "job_id": 1}),
        "deployments: module regex": lambda: get("/deployments", sort="-timestamp", where={"module": {"$regex": f".*{pick(['site', 'o', 'zzz', ''])}.*"}}),
        "deployments: revision": lambda: get("/deployments", sort="-timestamp", where={"revision": f"v{RNG.randrange(3000)}"}),
        "deployments: revision and module": lambda: get("/deployments", sort="-timestamp", where={"revision": f"v{RNG.randrange(3000)}", "module": {"$regex": ".*s.*"}}),
        "deployment": lambda: get(f"/deployments/{pick(deployments)['_id']}"),
    }  # fmt: skip


def measure(call, seconds):
    times, end = [], time.perf_counter() + seconds
    call()
    while len(times) < 40 or (time.perf_counter() < end and len(times) < 2000):
        times.append(call()[0] * 1000)
        if sum(times) > 5000:
            break
    times.sort()
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--goal", type=float, default=50)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    server = restlab.RestServer(options.server, options.folder, stderr=subprocess.DEVNULL)
    slow = []
    print(f"{'call':36} {'calls':>6} {'p50':>8} {'p99':>8} {'worst':>8}  ms")
    for name, call in calls(Client(server.port)).items():
        if options.only not in name:
            continue
        times = measure(call, options.seconds)
        p99 = times[min(int(len(times) * 0.99), len(times) - 1)]
        print(f"{name:36} {len(times):6} {times[len(times) // 2]:8.2f} {p99:8.2f} {times[-1]:8.2f}", flush=True)
        if p99 > options.goal:
            slow.append(name)
    server.stop()
    if slow:
        sys.exit(f"over {options.goal} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
