#!/usr/bin/env python3
"""The ghost command line against the real REST side of the controller."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import pty
import re
import select
import stat
import unittest

import restlab
import tcp_proxy
from clicase import APP, CliCase, GHOST, RICH


class Cli(CliCase):
    def test_an_application_is_made_shown_changed_and_removed(self):
        app_id = self.app()
        self.assertIn(app_id, self.ghost("app", "ls", "--name", "^sh", "--env", "dev"))
        self.assertNotIn(app_id, self.ghost("app", "ls", "--name", "^x"))
        shown = self.json("app", "show", "shop/dev/webfront")
        self.assertEqual(shown["_id"], app_id)
        change = self.write("change.json", '{"description": "new"}')
        self.assertIn("[412]", self.ghost("app", "update", app_id, change, "--etag", "0" * 40, status=1))
        self.assertEqual(self.ghost("app", "update", app_id, change, "--force"), f"Application update OK - ID : {app_id}\n")
        self.assertIn("description: new", self.ghost("app", "show", app_id))
        self.assertEqual(self.ghost("app", "delete", app_id), f"Application deletion OK - ID : {app_id}\n")
        self.assertIn("404", self.ghost("app", "show", app_id, status=1))

    def test_lists_read_as_caspers(self):
        app_id = self.app()
        self.assertEqual(
            self.ghost("app", "ls"),
            "Showing all the 1 applications\n"
            "ID                        Name    Environment    Role      Color    Description\n"
            "------------------------  ------  -------------  --------  -------  -------------\n"
            f"{app_id}  shop    dev            webfront\n",
        )
        for number in range(3):
            self.ghost("app", "clone", "shop/dev/webfront", f"shop{number}/dev/webfront")
        listed = self.ghost("app", "ls", "--nb", "3", "--page", "2").splitlines()
        self.assertEqual(listed[0], "Showing 3 on 4 applications - Page 2")
        self.assertEqual(len(listed), 4)
        job_id, job = self.job("buildimage", app_id)
        self.assertEqual(self.ghost("job", "ls").splitlines()[-1].split("  ")[0], job_id)
        self.assertTrue(self.ghost("job", "ls").splitlines()[-1].endswith("  shop                buildimage  init      olga    " + job["_created"]))
        self.assertEqual(re.split("  +", self.ghost("deployment", "ls").splitlines()[1]), ["ID", "Job ID", "Application name", "Module", "Commit", "User", "Date"])

    def test_caspers_update_finds_the_id_in_the_file(self):
        app_id = self.app()
        change = self.write("change.yaml", f"_id: {app_id}\ndescription: by file\n")
        error = self.ghost("app", "update", change, status=2)
        self.assertIn("You need to specify an etag or use --force".lower(), error.lower())
        self.ghost("app", "update", change, "--force")
        self.assertEqual(self.json("app", "show", app_id)["description"], "by file")
        self.assertIn("no '_id'", self.ghost("app", "update", self.write("no.yaml", "description: x\n"), "--force", status=1))

    def test_formats(self):
        app_id = self.app()
        for words in (["app", "ls", "--output", "json"], ["--output", "json", "app", "ls"], ["--output=json", "app", "ls"], ["app", "ls", "--format", "json"]):
            self.assertEqual([app["_id"] for app in json.loads(self.ghost(*words))], [app_id])
        self.assertIn(f"-   _created: ", self.ghost("app", "ls", "--output", "yaml"))
        self.assertEqual(json.loads(self.ghost("app", "show", app_id, "--format", "json")), json.loads(self.ghost("app", "show", app_id, "--output", "json")))
        for name in ("_links", "_version", "_latest_version"):
            self.assertNotIn(name, self.json("app", "show", app_id))
        made = json.loads(self.ghost("--output", "json", "app", "clone", app_id, "b/dev/webfront"))
        self.assertEqual(made["_status"], "OK")
        self.assertIn("invalid choice", self.ghost("app", "ls", "--output", "xml", status=2))

    def test_export_and_create_is_a_round_trip(self):
        self.write("app.json", json.dumps(RICH))
        self.ghost("app", "create", str(self.folder / "app.json"))
        exported = self.ghost("app", "export", "shop/dev/webfront")
        self.ghost("app", "delete", "shop/dev/webfront")
        output = self.ghost("app", "create", "-", typed=exported)
        self.assertRegex(output, r"^Application creation OK - ID : [0-9a-f]{24}\n$")
        self.assertEqual(self.ghost("app", "export", "shop/dev/webfront"), exported)
        again = json.loads(self.ghost("app", "export", "shop/dev/webfront", "--format", "json"))
        self.assertEqual(again["modules"][0]["post_deploy"], RICH["modules"][0]["post_deploy"])
        shown = self.json("app", "show", "shop/dev/webfront")
        for name in ("_id", "_etag", "user", "pending_changes"):
            self.assertIn(name, shown)
            self.assertNotIn(name, again)

    def test_export_of_show_writes_a_file_and_prints(self):
        app_id = self.app()
        target = self.folder / "exported.yaml"
        self.assertIn("_etag", self.ghost("app", "show", app_id, "--export", str(target)))
        self.assertNotIn("_etag", target.read_text())
        self.ghost("app", "delete", app_id)
        self.ghost("app", "create", str(target), "--format", "yaml")

    def test_a_clone_shares_nothing_that_belongs_to_one(self):
        self.write("app.json", json.dumps(RICH))
        self.ghost("app", "create", str(self.folder / "app.json"))
        self.ghost("app", "clone", "shop/dev/webfront", "shop/prod/webfront")
        clone = self.json("app", "show", "shop/prod/webfront")
        self.assertEqual(clone["modules"][0]["path"], "/srv/site")
        self.assertNotIn("name", clone["autoscale"])
        self.assertIn("NAME/ENV/ROLE", self.ghost("app", "clone", "shop/dev/webfront", "x", status=1))
        self.ghost("app", "clone", "shop/dev/webfront", status=2)

    def edit(self, script, *words, status=0):
        editor = self.folder / "editor.sh"
        editor.write_text(f"#!/bin/sh\nset -e\n{script}\n")
        editor.chmod(0o755)
        return self.ghost("app", "edit", "shop/dev/webfront", *words, status=status, environment=self.environment | {"EDITOR": f"{editor} --wait", "TMPDIR": str(self.folder)})

    def test_an_application_is_edited(self):
        self.write("app.json", json.dumps(RICH))
        self.ghost("app", "create", str(self.folder / "app.json"))
        self.edit('[ "$1" = --wait ]; grep -q "^name: shop" "$2"; echo "instance_type: t3.nano" >> "$2"')
        self.assertEqual(self.json("app", "show", "shop/dev/webfront")["instance_type"], "t3.nano")
        before = self.json("app", "show", "shop/dev/webfront")
        self.edit("sed -i '/^instance_type/d; /^    max: 3/d; s/8080/9090/' \"$2\"")
        after = self.json("app", "show", "shop/dev/webfront")
        self.assertNotIn("instance_type", after)
        self.assertEqual(after["autoscale"], {"name": "asg.shop", "min": 1})
        self.assertEqual(after["env_vars"][0]["var_value"], "9090")
        same = ("modules", "environment_infos", "log_notifications", "description", "name")
        self.assertEqual({name: after[name] for name in same}, {name: before[name] for name in same})
        self.assertEqual(self.edit("true"), "")
        self.assertEqual(self.json("app", "show", "shop/dev/webfront")["_etag"], after["_etag"])
        self.assertEqual(list(self.folder.glob("ghost-edit-*")), [])
        self.assertIn("did not end well", self.edit("exit 1", status=1))

    def kept_file(self, error):
        path = re.search(r"kept in (\S+);", error)[1]
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        return path

    def test_a_conflict_keeps_the_edited_text(self):
        app_id = self.app()
        change = self.write("other.json", '{"description": "theirs"}')
        error = self.edit(f'EDITOR= {GHOST} app update {app_id} {change} --force; echo "description: mine" >> "$2"', status=1)
        self.assertIn("[412]", error)
        kept = self.kept_file(error)
        self.assertEqual(self.json("app", "show", app_id)["description"], "theirs")
        self.ghost("app", "update", app_id, kept, "--force")
        self.assertEqual(self.json("app", "show", app_id)["description"], "mine")

    def test_an_edited_text_that_is_wrong_is_kept(self):
        self.app()
        for script, message in [('echo "a: [" >> "$2"', "invalid YAML file"), ('echo "colour: red" >> "$2"', "colour: unknown field")]:
            error = self.edit(script, status=1)
            self.assertIn(message, error)
            self.assertIn("name: shop", pathlib.Path(self.kept_file(error)).read_text())

    def test_wrong_documents_are_explained(self):
        wrong = self.write("wrong.json", json.dumps(APP | {"modules": [{"name": "a", "scope": "own", "path": "/a"}]}))
        self.assertIn("modules.0.scope: unallowed value own", self.ghost("app", "create", wrong, status=1))
        self.assertNotIn("[422]", self.ghost("app", "create", wrong, status=1))  # not even asked
        self.assertIn("[422]", self.ghost("app", "create", wrong, "--no-check", status=1))
        self.assertIn("invalid JSON file", self.ghost("app", "create", self.write("x.yaml", "a: b"), "--format", "json", status=1))
        self.assertIn("/nowhere", self.ghost("app", "create", "/nowhere", status=1))

    def test_job_commands_send_what_casper_sends(self):
        app_id = self.app()
        deployment = "0123456789abcdef01234567"
        for words, expected in [
            (["deploy", app_id, "-m", "site:v1", "-m", "conf"], {"options": ["serial"], "modules": [{"name": "site", "rev": "v1"}, {"name": "conf", "rev": "HEAD"}]}),
            (["deploy", "shop/dev/webfront", "--all-modules", "--strategy", "parallel", "--safe-deploy-strategy", "1/3"], {"options": ["parallel", "1/3"], "modules": [{"name": "site", "rev": "HEAD"}, {"name": "conf", "rev": "HEAD"}]}),
            (["redeploy", app_id, deployment], {"options": [deployment, "serial"]}),
            (["redeploy", app_id, deployment, "--strategy", "parallel", "--safe-deploy-strategy", "25%"], {"options": [deployment, "parallel", "25%"]}),
            (["buildimage", app_id, "--instance-type", "m5.large"], {"instance_type": "m5.large", "options": []}),
            (["buildimage", app_id, "--skip-bootstrap", "true"], {"options": ["True"]}),
            (["createinstance", app_id], {"options": []}),
            (["createinstance", app_id, "--subnet-id", "subnet-1", "--private-ip-address", "10.0.0.9"], {"options": ["subnet-1", "10.0.0.9"]}),
            (["destroyinstance", app_id, "i-1"], {"options": ["i-1"]}),
            (["destroyallinstances", app_id], {"options": []}),
        ]:  # fmt: skip
            with self.subTest(words):
                _, job = self.job(*words)
                self.assertEqual((job["command"], job["app_id"]), (words[0], app_id))
                self.assertEqual({name: job.get(name) for name in expected}, expected)
        self.assertIn("Module to deploy not found", self.ghost("deploy", app_id, "-m", "nope", status=1))

    def test_a_plan_makes_no_job(self):
        app_id = self.app()
        text = self.ghost("deploy", app_id, "-m", "site", "--strategy", "parallel", "--plan")
        self.assertIn("Module site: HEAD", text)
        self.assertIn("Note: no instance is ready", text)
        self.assertNotIn("Job creation", text)
        plan = json.loads(self.ghost("--output", "json", "redeploy", app_id, "0123456789abcdef01234567", "--plan"))
        self.assertIn("the job would fail: Redeploy on deployment ID", plan["warnings"][0])
        self.assertIn("Module to deploy not found", self.ghost("deploy", app_id, "-m", "nope", "--plan", status=1))
        self.assertNotIn(app_id, self.ghost("job", "ls"))

    def posted(self, *words):
        """The body of the job that is posted, for commands that this controller may refuse."""
        with restlab.Recorder(self.server.port) as recorder:
            with self.start(*words, environment=self.environment | {"GHOST_URL": recorder.url}) as process:
                process.communicate(timeout=60)
            self.assertEqual(len(recorder.posted), 1, words)
            return recorder.posted[0]

    def test_every_command_has_the_options_of_casper(self):
        app_id = self.app()
        script = self.write("script.sh", "#!/bin/sh\r\necho \u00e9t\u00e9\r\n")
        encoded = base64.b64encode("#!/bin/sh\necho \u00e9t\u00e9\n".encode()).decode()
        for words, options in [
            (["executescript", app_id, script], [encoded, "", "serial", "1by1"]),
            (["executescript", app_id, script, "--strategy", "parallel", "--safe-deploy-strategy", "50%", "--module-context", "site"], [encoded, "site", "parallel", "50%"]),
            (["executescript", app_id, script, "--strategy", "single", "--instance-ip", "10.0.0.1"], [encoded, "", "single", "10.0.0.1"]),
            (["executescript", app_id, script, "--user", "web", "--deadline", "60"],
             [encoded, "", "serial", "1by1", "deadline=60", "user=web"]),
            (["recreateinstances", app_id], []),
            (["recreateinstances", app_id, "--strategy", "1by1"], ["1by1"]),
            (["updateautoscaling", app_id], []),
            (["updatelifecyclehooks", app_id], []),
            (["preparebluegreen", app_id], ["False", "True"]),
            (["preparebluegreen", app_id, "--copy-ami", "yes", "--attach-elb", "0"], ["True", "False"]),
            (["swapbluegreen", app_id], ["overlap"]),
            (["swapbluegreen", app_id, "--strategy", "isolated"], ["isolated"]),
            (["purgebluegreen", app_id], []),
        ]:  # fmt: skip
            with self.subTest(words):
                self.assertEqual(self.posted(*words), {"command": words[0], "app_id": app_id, "options": options})

    def test_what_cannot_be_is_refused_before_the_controller_is_asked(self):
        nowhere = self.environment | {"GHOST_URL": "http://127.0.0.1:1"}
        script = self.write("script.txt", "echo no shebang\n")
        for words, status, message in [
            (["deploy", "a/b/c"], 2, "one (and only one)"),
            (["deploy", "a/b/c", "-m", "x", "--all-modules"], 2, "only one"),
            (["createinstance", "a/b/c", "--private-ip-address", "10.0.0.1"], 2, "--subnet-id"),
            (["executescript", "a/b/c", script, "--strategy", "single"], 2, "instance IP"),
            (["executescript", "a/b/c", script], 1, "#!/bin/bash"),
            (["recreateinstances", "a/b/c", "--strategy", "two"], 2, "choose from 1by1, 1/3, 25%, 50%"),
            (["preparebluegreen", "a/b/c", "--copy-ami", "maybe"], 2, "boolean"),
            (["app", "ls", "--nb", "x"], 2, "number"),
            (["job", "ls", "--status", "x"], 2, "choose from init"),
            (["user", "add", "bob"], 2, "--role"),
            (["webhook", "create", "a/b/c", "--module", "m"], 2, "--rev"),
        ]:  # fmt: skip
            with self.subTest(words):
                self.assertIn(message, self.ghost(*words, status=status, environment=nowhere))

    def test_a_job_is_listed_cancelled_run_again_and_deleted(self):
        app_id = self.app()
        job_id, _ = self.job("deploy", app_id, "-m", "site:v3", "--strategy", "parallel")
        self.assertIn(job_id, self.ghost("job", "ls", "--status", "init"))
        self.assertIn(job_id, self.ghost("job", "ls", "--application", "^shop$", "--command", "deploy"))
        self.assertNotIn(job_id, self.ghost("job", "ls", "--env", "prod"))
        self.assertIn("[422]", self.ghost("job", "delete", job_id, status=1))
        self.assertEqual(self.ghost("job", "cancel", job_id), f"Job cancellation OK - ID : {job_id}\n")
        self.assertIn("status: cancelled", self.ghost("job", "show", job_id))
        self.assertIn("422", self.ghost("job", "cancel", job_id, status=1))
        again_id, again = self.job("job", "rerun", job_id)
        self.assertNotEqual(again_id, job_id)
        self.assertEqual((again["command"], again["options"], again["modules"]), ("deploy", ["parallel"], [{"name": "site", "rev": "v3"}]))
        self.assertEqual(self.ghost("job", "delete", job_id), f"Job deletion OK - ID : {job_id}\n")
        self.assertIn("404", self.ghost("job", "show", job_id, status=1))

    def follow(self, word):
        job_id, _ = self.job("buildimage", self.app())
        self.order(f"start {job_id}")
        self.order(f"log {job_id} first")
        with self.start("log", "-f", job_id) as process:
            self.assertEqual(process.stdout.readline(), "first\n")
            self.order(f"log {job_id} \033[32msecond\033[0m")
            self.assertEqual(process.stdout.readline(), "second\n")
            self.order(f"end {job_id} {word}")
            process.communicate(timeout=60)
        self.assertEqual(self.ghost("job", "log", job_id).split("\n")[0], "first")
        return process.returncode

    def test_a_followed_log_ends_with_the_status_of_its_job(self):
        self.assertEqual(self.follow("done"), 0)

    def test_a_followed_log_of_a_failed_job_fails(self):
        self.assertEqual(self.follow("failed"), 1)

    def test_live_logs_wait_and_go_to_a_file_too(self):
        app_id = self.app()
        log = self.folder / "job.log"
        with self.start("buildimage", app_id, "--live-logs", "--output", str(log)) as process:
            job_id = process.stdout.readline().split()[-1]
            self.assertEqual(process.stdout.readline(), "Waiting for job logs...\n")
            self.order(f"start {job_id}")
            self.order(f"log {job_id} \033[32mgreen\033[0m")
            self.assertEqual(process.stdout.readline(), "green\n")
            self.order(f"end {job_id} done")
            self.assertIn("over", process.communicate(timeout=60)[1])
        self.assertEqual(process.returncode, 0)
        self.assertEqual(log.read_text(), "\033[32mgreen\033[0m\n")
        self.ghost("job", "log", job_id, "--output", str(log), "--no-color")  # crashed Casper
        self.assertEqual(log.read_text(), "green\n")

    def test_a_log_goes_on_after_the_connection_was_lost(self):
        proxy = tcp_proxy.TcpProxy(self.server.port)
        self.addCleanup(proxy.close)
        job_id, _ = self.job("buildimage", self.app())
        self.order(f"start {job_id}")
        with self.start("log", "-f", job_id, environment=self.environment | {"GHOST_URL": f"http://127.0.0.1:{proxy.port}"}) as process:
            for number in range(6):
                self.order(f"log {job_id} line {number}")
                self.assertEqual(process.stdout.readline(), f"line {number}\n")
                proxy.drop()
                self.order(f"log {job_id} meanwhile {number}")
                self.assertEqual(process.stdout.readline(), f"meanwhile {number}\n")
            self.order(f"end {job_id} done")
            self.assertEqual(process.communicate(timeout=60)[0], "")
        self.assertEqual(process.returncode, 0)

    def test_a_log_is_shown_once_there_is_one(self):
        job_id, _ = self.job("buildimage", self.app())
        self.assertIn("not started", self.ghost("job", "log", job_id, status=1))
        with self.start("job", "log", job_id, "--waitstart") as process:
            self.order(f"start {job_id}")
            self.order(f"log {job_id} here")
            self.assertEqual(process.stdout.readline(), "here\n")
            self.order(f"end {job_id} failed")
            process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)  # as Casper's
        self.assertEqual(self.ghost("job", "log", job_id), "here\n")
        self.assertIn("job failed: over", self.ghost("job", "log", "-f", job_id, status=1))
        cancelled, _ = self.job("buildimage", "shop/dev/webfront")
        self.ghost("job", "cancel", cancelled)
        self.assertEqual(self.ghost("job", "log", cancelled), "")
        self.assertIn("job cancelled", self.ghost("log", "-f", cancelled, status=1))

    def invoke(self, webhook_id, secret, body):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        headers = {"Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": os.urandom(8).hex(), "X-Hub-Signature-256": f"sha256={signature}"}
        connection.request("POST", f"/webhooks/{webhook_id}/invocations", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def test_webhooks_are_managed_and_what_came_in_is_listed(self):
        url = "https://github.com/acme/shop.git"
        self.ghost("app", "create", self.write("app.json", json.dumps(APP | {"modules": [APP["modules"][0] | {"git_repo": url}]})))
        words = ["webhook", "create", "shop/dev/webfront", "--module", "site", "--rev", "^main$", "--event", "push", "--event", "tag", "--command", "deploy", "--strategy", "parallel", "--approve", "start"]
        output = self.ghost(*words, "--ask-secret-token", typed="hush\n")
        self.assertRegex(output, r"^Webhook creation OK - ID : [0-9a-f]{24}\n$")
        webhook_id = output.split()[-1]
        shown = self.json("webhook", "show", webhook_id)
        self.assertEqual((shown["module"], shown["rev"], shown["events"], shown["commands"]), ("site", "^main$", ["push", "tag"], ["deploy"]))
        self.assertEqual((shown["options"]["fabric_execution_strategy"], shown["options"]["approve"]), ("parallel", "start"))
        self.assertNotIn("hush", json.dumps(shown))
        self.assertRegex(self.ghost("webhook", "ls", "--application", "shop", "--module", "site"), rf"{webhook_id}  shop +site +\^main\$ +push, tag +deploy +olga")

        body = json.dumps({"ref": "refs/heads/main", "before": "1" * 40, "after": "2" * 40, "repository": {"clone_url": url, "html_url": url[:-4], "ssh_url": "git@github.com:acme/shop.git", "git_url": url}, "commits": []}).encode()
        status, text = self.invoke(webhook_id, "hush", body)
        self.assertIn(status, (200, 201), text)
        listed = self.ghost("webhook", "invocations", webhook_id)
        self.assertIn("Showing all the 1 invocations", listed)
        self.assertIn("main", listed)
        (job,) = json.loads(self.ghost("job", "ls", "--output", "json"))
        self.assertIn(job["_id"], self.ghost("webhook", "invocations"))

        self.ghost("webhook", "update", webhook_id, "--rev", "^v", "--safe-deploy-strategy", "1/3")
        changed = self.json("webhook", "show", webhook_id)
        self.assertEqual((changed["rev"], changed["module"]), ("^v", "site"))
        self.assertEqual((changed["options"]["fabric_execution_strategy"], changed["options"]["safe_deployment_strategy"]), ("parallel", "1/3"))
        self.assertIn("nothing to change", self.ghost("webhook", "update", webhook_id, status=1))
        self.assertIn("[412]", self.ghost("webhook", "update", webhook_id, "--rev", "x", "--etag", "0" * 40, status=1))
        self.assertIn("regular expression", self.ghost("webhook", "update", webhook_id, "--rev", "(", status=1))
        self.assertIn("choose from push, tag, merge", self.ghost(*words, "--event", "fork", status=2))
        self.assertEqual(self.ghost("webhook", "delete", webhook_id), f"Webhook deletion OK - ID : {webhook_id}\n")
        self.assertIn("404", self.ghost("webhook", "show", webhook_id, status=1))

    def test_users_tokens_and_the_audit(self):
        admin = self.environment | {"GHOST_USER": "ann"}

        def ghost(*words, **more):
            return self.ghost(*words, **({"environment": admin} | more))

        self.assertEqual(ghost("user", "add", "eve", "--role", "viewer", typed="a good one\n"), "User creation OK - ID : eve\n")
        self.assertIn("exists already", ghost("user", "add", "eve", "--role", "admin", typed="a good one\n", status=1))
        self.assertIn("password", ghost("user", "add", "bob", "--role", "viewer", typed="short\n", status=1))
        self.assertRegex(ghost("user", "ls"), r"(?m)^eve +viewer ")
        eve = self.environment | {"GHOST_USER": "eve", "GHOST_PASSWORD": "a good one"}
        self.assertIn("403", self.ghost("user", "ls", environment=eve, status=1))
        self.assertIn("role: viewer", self.ghost("whoami", environment=eve))
        changed = self.ghost("user", "password", "eve", environment=eve, typed="a good one\na better one\n")
        self.assertEqual(changed, "User password update OK - ID : eve\n")
        self.assertIn("401", self.ghost("whoami", environment=eve, status=1))
        eve["GHOST_PASSWORD"] = "a better one"
        made, token = self.ghost("token", "add", "ci", "--days", "3", environment=eve).splitlines()
        token_id = made.split()[-1]
        self.assertRegex(self.ghost("token", "ls", environment=eve), rf"(?m)^{token_id} +ci +eve +viewer ")
        with_token = self.environment | {"GHOST_TOKEN": token}
        self.assertIn("via: token ci", self.ghost("whoami", environment=with_token))
        self.assertEqual(self.ghost("token", "remove", token_id, environment=eve), f"Token deletion OK - ID : {token_id}\n")
        self.assertIn("401", self.ghost("whoami", environment=with_token, status=1))
        ghost("user", "update", "eve", "--role", "operator")
        ghost("user", "password", "eve", typed="the best one\n")
        ghost("user", "remove", "eve")
        self.assertIn("404", ghost("user", "show", "eve", status=1))
        listed = [re.split("  +", line)[1:6] for line in ghost("audit", "ls", "--resource", "user").splitlines()[3:]]
        self.assertEqual(
            [(who, action, target) for who, _, action, _, target in listed],
            [("ann", "delete", "eve"), ("ann", "password", "eve"), ("ann", "update", "eve"), ("eve", "password", "eve"), ("ann", "create", "eve")],
        )  # fmt: skip

    def test_profiles_tell_where_and_who(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        self.ghost("app", "ls", status=1, environment=bare)  # nobody to ask
        self.write(".casper", f"[default]\nendpoint = {self.url}\nusername = olga\npassword = secret12\n")
        self.ghost("app", "ls", environment=bare)
        self.write(".ghost", f"[default]\nendpoint={self.url}\ntoken=nonsense\n[good]\nendpoint={self.url}/\ntoken=vera\n")
        self.assertIn("401", self.ghost("app", "ls", status=1, environment=bare))
        self.ghost("--profile", "good", "app", "ls", environment=bare)
        self.ghost("app", "ls", "--profile", "good", environment=bare)
        self.ghost("app", "ls", environment=bare | {"GHOST_TOKEN": "vera"})
        self.assertIn("no profile 'none'", self.ghost("--profile", "none", "app", "ls", status=1, environment=bare))

    def test_a_profile_is_saved_once_it_works(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        words = ["configure", "--endpoint", self.url + "/", "--username", "olga"]
        self.assertIn("401", self.ghost(*words, typed="wrong\n", status=1, environment=bare))
        self.assertFalse((self.folder / ".ghost").exists())
        self.assertIn("saved", self.ghost(*words, typed="secret12\n", environment=bare))
        self.assertEqual(stat.S_IMODE((self.folder / ".ghost").stat().st_mode), 0o600)
        self.ghost("app", "ls", environment=bare)
        self.ghost("--profile", "lab", "configure", "--endpoint", self.url, "--token", "vera", environment=bare)
        self.ghost("--profile", "lab", "app", "ls", environment=bare)
        self.ghost("app", "ls", environment=bare)

    def at_a_terminal(self, typed, *words, environment):
        """What a person at a terminal sees who answers the questions one after the other."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(GHOST, [GHOST, *words], environment)
        seen = b""
        answers = list(typed)
        while True:
            self.assertTrue(select.select([terminal], [], [], 60)[0], seen)
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if answers and seen.endswith(answers[0][0].encode()):
                os.write(terminal, answers.pop(0)[1].encode() + b"\n")
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()

    def test_a_missing_login_is_asked_for(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "xterm"}
        questions = [("Ghost endpoint: ", self.url), ("Ghost username: ", "olga"), ("Ghost password: ", "secret12")]
        status, seen = self.at_a_terminal(questions, "app", "ls", environment=bare)
        self.assertEqual(status, 0, seen)
        self.assertIn("\033[33mNo valid config files found", seen)
        self.assertIn("Showing all the 0 applications", seen)
        self.assertNotIn("secret12", seen)
        status, seen = self.at_a_terminal(questions, "app", "ls", environment=bare | {"NO_COLOR": "1"})
        self.assertNotIn("\033[", seen)

    def test_verbose_says_requests_but_no_password(self):
        with self.start("--verbose", "app", "ls") as process:
            errors = process.communicate(timeout=60)[1]
        self.assertRegex(errors, r"GET http://127.0.0.1:\d+/apps\?\S+: 200, \d+ bytes, \d+ ms")
        self.assertNotIn("secret12", errors)
        self.assertNotIn("Authorization", errors)


if __name__ == "__main__":
    unittest.main()
