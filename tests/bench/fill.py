#!/usr/bin/env python3
"""Fills a controller's database with applications, jobs and deployments as a large installation has them.

Usage: fill.py DATABASE [--apps N] [--jobs N] [--deployments N]

The database must exist with its tables (start the server once). Rows go in by SQL, documents as the controller
writes them; the numbers are drawn with a fixed seed, so that two runs make the same database."""
import argparse
import json
import random
import sqlite3
import time

COMMANDS = [("deploy", 70), ("buildimage", 8), ("createinstance", 6), ("redeploy", 6), ("destroyallinstances", 5), ("executescript", 5)]
STATUSES = [("done", 880), ("failed", 80), ("aborted", 25), ("cancelled", 14), ("init", 1)]
ENVS = [("prod", 4), ("preprod", 2), ("staging", 2), ("dev", 4), ("test", 1)]
ROLES = ["webfront", "worker", "varnish", "webapi", "bastion", "search", "loadbalancer", "database"]
MODULES = ["site", "api", "config", "cron", "assets", "worker", "admin", "search"]
USERS = [f"user{n:02}" for n in range(60)] + ["api"]
HOOK = "IyEvYmluL2Jhc2gKc2V0IC1leAplY2hvIGRlcGxveWluZwo=" * 4
BATCH = 20000


def new_id(rng):
    return f"{rng.getrandbits(96):024x}"


def weighted(rng, pairs, count):
    return rng.choices([word for word, _ in pairs], [weight for _, weight in pairs], k=count)


def make_app(rng, number):
    modules = [
        {"name": name, "git_repo": f"git@git.example:team/{name}-{number}.git", "scope": "code", "path": f"/srv/{name}",
         "initialized": True, "pre_deploy": HOOK, "post_deploy": HOOK}
        for name in rng.sample(MODULES, rng.randint(1, 4))
    ]  # fmt: skip
    return {
        "name": f"app-{number:05}-{rng.choice(['shop', 'blog', 'crm', 'intranet', 'booking'])}",
        "env": weighted(rng, ENVS, 1)[0],
        "role": rng.choice(ROLES),
        "region": "eu-west-1", "instance_type": "t3.small", "vpc_id": "vpc-1234", "ami": f"ami-{number:08x}",
        "user": rng.choice(USERS), "modules": modules, "pending_changes": [],
        "environment_infos": {"instance_profile": "profile", "key_name": "key", "public_ip_address": False,
                              "security_groups": ["sg-1"], "subnet_ids": ["subnet-1", "subnet-2"],
                              "instance_tags": [{"tag_name": "Name", "tag_value": f"ec2.app.{number}"}]},
        "build_infos": {"ssh_username": "admin", "source_ami": "ami-1", "subnet_id": "subnet-1"},
        "autoscale": {"name": f"asg-{number}", "min": 1, "max": 4},
    }  # fmt: skip


def insert(database, table, rows):
    database.executemany(f"INSERT INTO {table} (id, doc, etag, version, created_us, updated_us) VALUES (?,?,?,1,?,?)", rows)


def text(document):
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


class Filler:
    def __init__(self, database):
        self.database = database
        self.rng = random.Random(20261123)
        self.now = int(time.time() * 1e6)

    def in_batches(self, table, count, make):
        for start in range(0, count, BATCH):
            rows = []
            for number in range(start, min(start + BATCH, count)):
                identity, document, at = make(number, self.now - (count - number) * 1_000_000)
                rows.append((identity, text(document), f"{number:040x}", at, at))
            with self.database:
                insert(self.database, table, rows)

    def apps(self, count):
        self.app_ids = [new_id(self.rng) for _ in range(count)]
        self.modules = {}

        def make(number, at):
            document = make_app(self.rng, number)
            self.modules[number] = [module["name"] for module in document["modules"]]
            return self.app_ids[number], document, at

        self.in_batches("apps", count, make)

    # A few applications are deployed all day, most now and then.
    def pick_app(self):
        return min(int(len(self.app_ids) * self.rng.random() ** 2), len(self.app_ids) - 1)

    def jobs(self, count):
        commands, statuses = weighted(self.rng, COMMANDS, count), weighted(self.rng, STATUSES, count)
        self.job_ids = []

        def make(number, at):
            app = self.pick_app()
            self.job_ids.append(new_id(self.rng))
            return self.job_ids[-1], {
                "app_id": self.app_ids[app], "command": commands[number], "status": statuses[number],
                "message": "Deployment OK: [site: 5f0]", "user": self.rng.choice(USERS), "instance_type": "t2.micro",
                "options": ["serial"], "modules": [{"name": self.modules[app][0], "rev": "HEAD"}],
                "log_id": self.job_ids[-1], "started_us": at,
            }, at  # fmt: skip

        self.in_batches("jobs", count, make)

    def deployments(self, count):
        def make(number, at):
            app = self.pick_app()
            return new_id(self.rng), {
                "app_id": self.app_ids[app], "job_id": self.rng.choice(self.job_ids),
                "module": self.rng.choice(self.modules[app]), "revision": f"v{self.rng.randint(0, 3000)}",
                "commit": f"{self.rng.getrandbits(28):07x}", "commit_message": "Merge branch 'topic'",
                "timestamp": at // 1_000_000, "package": f"{self.rng.getrandbits(256):064x}", "module_path": "/srv/site",
            }, at  # fmt: skip

        self.in_batches("deployments", count, make)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    for name, count in (("apps", 50000), ("jobs", 1000000), ("deployments", 500000)):
        parser.add_argument(f"--{name}", type=int, default=count)
    options = parser.parse_args()
    database = sqlite3.connect(options.database)
    database.execute("PRAGMA synchronous=OFF")
    filler = Filler(database)
    filler.apps(options.apps)
    filler.jobs(options.jobs)
    filler.deployments(options.deployments)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


if __name__ == "__main__":
    main()
