#!/usr/bin/env python3
"""/metrics of a Ghost that works: read by other people's parsers; the dashboard and the alert rules name only what is served."""
import json
import pathlib
import re
import shutil
import subprocess
import unittest

import ghostlab
import promtool
import pypi
from awslab import AwsLab
from ghostlab import wait_for

MONITORING = ghostlab.SOURCE / "packaging" / "monitoring"
RULE_TESTS = ghostlab.SOURCE / "tests" / "monitoring" / "alerts_test.yml"
OTHERS = {"up", "ALERTS"}  # Prometheus's own
WORD = re.compile(r"\b(?:ghost|process)_[a-z_]+\b")
PARSER = """
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    print(family.name, family.type, len(family.samples))
"""


def parse(text):
    """{"name{labels}": value} of every sample."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.app_id = lab.ready_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}])
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.deploy(cls.app_id, {"site": "no-such-revision"}, expect="failed")
        cls.text = cls.scrape()

    @classmethod
    def scrape(cls):
        reply = cls.lab.call("GET", "/metrics")
        assert reply.status == 200, reply.body
        return reply.body.decode()

    def served(self):
        """Names as a query may use them."""
        names = {line.split()[2]: line.split()[3] for line in self.text.splitlines() if line.startswith("# TYPE")}
        found = set(names)
        for name, kind in names.items():
            if kind == "histogram":
                found |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        return found

    def test_what_was_done_is_counted(self):
        seen = parse(self.text)
        self.assertEqual(seen['ghost_jobs_ended_total{command="deploy",status="done"}'], 1)
        self.assertEqual(seen['ghost_jobs_ended_total{command="deploy",status="failed"}'], 1)
        self.assertEqual(seen['ghost_jobs_ended_total{command="buildimage",status="done"}'], 1)
        self.assertEqual(seen['ghost_job_duration_seconds_count{command="createinstance"}'], 1)
        self.assertGreater(seen['ghost_job_duration_seconds_sum{command="createinstance"}'], 0.1)
        self.assertEqual(seen['ghost_aws_calls_total{service="ec2",action="RunInstances",result="ok"}'], 2)
        self.assertGreaterEqual(seen['ghost_http_requests_total{method="GET",route="/jobs/{id}",status="200"}'], 4)
        self.assertEqual(seen["ghost_agents_connected"], 1)
        self.assertEqual(seen["ghost_agents_enrolled"], 1)
        self.assertEqual(seen["ghost_link_strangers"], 0)
        self.assertGreater(seen["ghost_job_log_bytes_total"], 500)
        self.assertGreater(seen["ghost_database_bytes"], 4096)
        self.assertGreater(seen["ghost_disk_free_bytes"], 0)
        self.assertGreater(seen["process_resident_memory_bytes"], 1e6)
        self.assertGreater(seen['ghost_certificate_expiry_timestamp_seconds{certificate="authority"}'], 1e9)
        self.assertEqual(seen["ghost_store_well"], 1)

    def test_routes_that_are_not_there_make_one_series(self):
        for word in ("a", "b", "c"):
            self.assertEqual(self.lab.call("GET", f"/no/{word}").status, 404)
            self.assertEqual(self.lab.call(f"X{word.upper()}", "/apps").status, 405)
        others = [name for name in parse(self.scrape()) if 'route="other"' in name and name.startswith("ghost_http_requests_total")]
        self.assertEqual({name.split('status="')[1][:3] for name in others}, {"404", "405"})
        self.assertTrue(all('method="other"' in name for name in others), others)

    def test_failures_of_aws_are_told_by_their_class(self):
        self.addCleanup(self.lab.clear_faults)
        self.lab.fault(action="RunInstances", count=1, when="before", error="RequestLimitExceeded", status=503)
        self.lab.run(self.app_id, "createinstance")
        wait_for("the throttled call to be counted", lambda: parse(self.scrape()).get(
            'ghost_aws_calls_total{service="ec2",action="RunInstances",result="throttled"}') == 1)

    def test_it_wants_a_login(self):
        self.assertEqual(self.lab.call("GET", "/metrics", user=None).status, 401)
        subprocess.run([ghostlab.CONTROLLER, "--config", self.lab.config, "user", "add", "eye", "--role", "viewer"],
                       input=b"long-enough-a-password\n", check=True, stdout=subprocess.DEVNULL)
        token = subprocess.run([ghostlab.CONTROLLER, "--config", self.lab.config, "token", "add", "eye", "scrape"],
                               check=True, capture_output=True, text=True).stdout.strip()
        reply = self.lab.call("GET", "/metrics", user=None, headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")

    def test_the_rules_and_the_dashboard_name_only_what_is_served(self):
        served = self.served() | OTHERS
        rules = (MONITORING / "alerts.yml").read_text()
        expressions = re.findall(r"^ +expr: '(.*)'$", rules, re.M)
        self.assertGreater(len(expressions), 15)
        dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
        expressions += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        expressions += [note["expr"] for note in dashboard["annotations"]["list"]]
        named = {word for one in expressions for word in WORD.findall(one)}
        self.assertEqual(named - served, set())
        docs = (ghostlab.SOURCE / "docs" / "monitoring.md").read_text()
        listed = set(re.findall(r"^\| `((?:ghost|process)_[a-z_]+)", docs, re.M))
        self.assertEqual(listed, {line.split()[2] for line in self.text.splitlines() if line.startswith("# TYPE")})

    def test_the_rules_alert_when_they_should(self):
        program = promtool.path()
        if not program:
            self.skipTest("no promtool")
        work = self.lab.folder / "rules"
        work.mkdir()
        for file in (MONITORING / "alerts.yml", MONITORING / "prometheus.yml", RULE_TESTS):
            shutil.copy(file, work)
        for words in (["check", "rules", "alerts.yml"], ["check", "config", "--syntax-only", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
            done = subprocess.run([program, *words], cwd=work, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = subprocess.run([program, "check", "metrics"], input=self.text, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_parser_of_prometheus_reads_it(self):
        python = pathlib.Path(pypi.programs("prometheus-client==0.21.1")) / "python"
        done = subprocess.run([python, "-c", PARSER], input=self.text, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        kinds = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
        self.assertEqual(kinds["ghost_job_duration_seconds"], "histogram")
        self.assertEqual(kinds["ghost_jobs_ended"], "counter")
        self.assertEqual(kinds["ghost_agents_connected"], "gauge")


if __name__ == "__main__":
    unittest.main()
