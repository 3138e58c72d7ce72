#!/usr/bin/env python3
"""What the contract asks of writing and reading, beyond the plain cases of test_rest.py."""
import email.utils
import http.client
import json
import threading
import time
import unittest

from restcase import APP, NOBODY, Reply, RestCase

GO = {"User-Agent": "Go-http-client/1.1"}


class Contract(RestCase):
    def patch(self, path, body, **kwargs):
        return self.call("PATCH", path, body, self.etag(path), **kwargs)

    # several at a time

    def test_a_list_is_taken_whole(self):
        reply = self.call("POST", "/apps", [APP, APP | {"name": "second"}])
        self.assertEqual(reply.status, 201, reply.body)
        self.assertEqual(reply.json["_status"], "OK")
        for receipt in reply.json["_items"]:
            self.assertEqual(receipt["_status"], "OK")
            self.assertEqual(self.call("GET", f"/apps/{receipt['_id']}").json["user"], "olga")
        self.assertEqual([n["_links"]["self"]["title"] for n in reply.json["_items"]], ["app", "app"])

    def test_a_list_with_a_fault_is_not_taken_at_all(self):
        faulty = self.call("POST", "/apps", [APP, APP | {"name": "b", "vpc_id": "x"}, APP | {"name": "c", "role": 1}])
        self.assert_error(faulty, 422, "Insertion failure: 2 document(s) contain(s) error(s)")
        self.assertEqual([item["_status"] for item in faulty.json["_items"]], ["OK", "ERR", "ERR"])
        self.assertEqual(faulty.json["_items"][2]["_issues"], {"role": "must be of string type"})
        # Rules between documents hold for the second as for the first.
        twice = self.call("POST", "/apps", [APP, APP])
        self.assert_error(twice, 409)
        self.assertIn("An app already exist", twice.json["_items"][1]["_error"]["message"])
        rule = self.call("POST", "/apps", [APP, APP | {"name": "b", "modules": [APP["modules"][0] | {"path": "/etc"}]}])
        self.assert_error(rule, 422)
        self.assert_error(self.call("POST", "/apps", [APP, "x"]), 422)
        self.assert_error(self.call("POST", "/apps", []), 400, "Empty bulk insert")
        self.assert_error(self.call("POST", "/apps", [{}] * 1001), 413)
        self.assertEqual(self.call("GET", "/apps").json["_meta"]["total"], 0)

    def test_jobs_in_a_list(self):
        app = self.app()
        good = {"app_id": app, "command": "buildimage"}
        reply = self.call("POST", "/jobs", [good, good | {"command": "deploy", "modules": [{"name": "site"}]}])
        self.assertEqual(reply.status, 201, reply.body)
        stored = [self.call("GET", f"/jobs/{item['_id']}").json for item in reply.json["_items"]]
        self.assertEqual([(j["user"], j["status"]) for j in stored], [("olga", "init")] * 2)
        bad = self.call("POST", "/jobs", [good, good | {"app_id": NOBODY}])
        self.assert_error(bad, 422)
        issue = f"value '{NOBODY}' must exist in resource 'apps', field '_id'."
        self.assertEqual(bad.json["_items"][1]["_issues"], {"app_id": issue})
        self.assertEqual(self.call("GET", "/jobs").json["_meta"]["total"], 2)

    def test_an_identity_is_given_once_however_many_ask(self):
        replies = []

        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            headers = {"Authorization": "Bearer olga", "Content-Type": "application/json"}
            connection.request("POST", "/apps", json.dumps(APP), headers)
            replies.append(connection.getresponse().status)
            connection.close()

        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(replies), [201] + [409] * 11)

    # versions

    def test_versions_of_an_application(self):
        path = f"/apps/{self.app(description='one')}"
        self.patch(path, {"description": "two"})
        self.patch(path, {"region": "eu-west-1"})
        first = self.query(path, version=1).json
        self.assertEqual((first["description"], first["_version"], first["_latest_version"]), ("one", 1, 3))
        self.assertEqual(self.query(path, version=3).json["region"], "eu-west-1")
        self.assert_error(self.query(path, version=4), 404)
        self.assert_error(self.query(path, version="x"), 400)

        every = self.query(path, version="all").json
        self.assertEqual([v["_version"] for v in every["_items"]], [1, 2, 3])
        self.assertEqual([v["description"] for v in every["_items"]], ["one", "two", "two"])
        self.assertEqual(every["_meta"]["total"], 3)
        changes = self.query(path, version="diffs").json["_items"]
        self.assertEqual(changes[0]["name"], "shop")
        self.assertEqual(set(k for k in changes[1] if k[0] != "_"), {"description"})
        self.assertEqual(set(k for k in changes[2] if k[0] != "_"), {"region"})
        page = self.query(path, version="diffs", max_results=1, page=3).json
        self.assertEqual(page["_items"][0]["region"], "eu-west-1")
        self.assertNotIn("description", page["_items"][0])
        self.assertIn("version=diffs", page["_links"]["prev"]["href"])

    # parts and related documents

    def test_projections(self):
        app = self.app(description="d")
        item = self.query(f"/apps/{app}", projection={"env": 1}).json
        self.assertEqual({k for k in item if k[0] != "_"}, {"env", "log_notifications"})
        self.assertEqual(item["log_notifications"], [])
        listed = self.query("/apps", projection={"env": 1, "modules.name": 1}).json["_items"][0]
        self.assertEqual((listed["env"], listed["modules"]), ("dev", [{"name": "site"}]))
        self.assertEqual(listed["_etag"], self.call("GET", f"/apps/{app}").json["_etag"])
        without = self.query("/apps", projection={"modules": 0}).json["_items"][0]
        self.assertNotIn("modules", without)
        self.assertEqual(without["description"], "d")
        self.assert_error(self.query("/apps", projection="[1]"), 400)
        self.assert_error(self.query(f"/apps/{app}", projection="env"), 400)

    def test_related_documents(self):
        app = self.app()
        self.job(app)
        self.order(f"deployment {app} site v1")
        job = self.query("/jobs", embedded={"app_id": 1, "nothing": 1}).json["_items"][0]
        self.assertEqual((job["app_id"]["_id"], job["app_id"]["name"]), (app, "shop"))
        self.assertNotIn("_links", job["app_id"])
        self.assertNotIn("source", job["app_id"]["modules"][0])
        deployment = self.query("/deployments", embedded={"app_id": 1}).json["_items"][0]
        self.assertEqual(deployment["app_id"]["modules"][0]["source"]["url"], "git@x:y")
        whole = self.query(f"/apps/{app}", embedded={"modules.last_deployment": 1}).json
        self.assertEqual(whole["modules"][0]["last_deployment"]["revision"], "v1")
        self.assert_error(self.query("/jobs", embedded="app_id"), 400, "Unable to parse `embedded` clause")

    def test_instances_show_their_application(self):
        app = self.app()
        self.order(f"instance {app} i-1")
        listed = self.query("/instances", embedded={"app_id": 1}).json["_items"][0]
        shown = self.query("/instances/i-1", embedded={"app_id": 1}).json
        self.assertEqual((listed["app_id"]["name"], shown["app_id"]["_id"]), ("shop", app))
        self.assertEqual(self.call("GET", "/instances/i-1").json["app_id"], app)

    def test_what_refers_to_something_deleted_shows_null(self):
        app = self.app()
        job = self.job(app)
        self.order(f"deployment {app} site v1")
        path = f"/apps/{app}"
        self.assertEqual(self.call("DELETE", path, headers=self.etag(path)).status, 204)
        for collection in ("/jobs", "/deployments"):
            items = self.query(collection, embedded={"app_id": 1}).json["_items"]
            self.assertEqual([item["app_id"] for item in items], [None])
        self.assertIsNone(self.query(f"/jobs/{job}", embedded={"app_id": 1}).json["app_id"])

    # what is not set

    def test_null_and_blank_are_not_set(self):
        environment = {"root_block_device": None, "instance_profile": "", "key_name": "", "public_ip_address": False}
        app = self.app(environment_infos=environment, description=None, autoscale=None)
        path = f"/apps/{app}"
        stored = self.call("GET", path).json
        self.assertNotIn("autoscale", stored)
        for name in ("root_block_device", "instance_profile", "key_name"):
            self.assertNotIn(name, stored["environment_infos"])
        filled = {"environment_infos": {"key_name": "k", "root_block_device": {"size": 30}}}
        self.assertEqual(self.patch(path, filled).status, 200)
        self.assertEqual(self.call("GET", path).json["environment_infos"]["root_block_device"], {"size": 30})
        emptied = self.patch(path, {"environment_infos": {"key_name": "", "root_block_device": None}})
        self.assertEqual(emptied.status, 200, emptied.body)
        stored = self.call("GET", path).json["environment_infos"]
        self.assertNotIn("key_name", stored)
        self.assertNotIn("root_block_device", stored)
        self.assertFalse(stored["public_ip_address"])
        required = self.call("POST", "/apps", APP | {"name": None, "vpc_id": ""})
        self.assertEqual(required.json["_issues"]["name"], "null value not allowed")
        self.assertIn("does not match", required.json["_issues"]["vpc_id"])

    def test_the_owner_stays_when_a_client_sends_none(self):
        path = f"/apps/{self.app()}"
        self.assertEqual(self.patch(path, {"user": "", "description": "x"}, user="ann").status, 200)
        self.assertEqual(self.call("GET", path).json["user"], "olga")

    def test_the_go_client_sees_plain_addresses(self):
        path = f"/apps/{self.app(log_notifications=['a@b.io', {'email': 'c@d.io', 'job_states': ['failed']}])}"

        def get(target, headers):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            self.addCleanup(connection.close)
            connection.putrequest("GET", target, skip_accept_encoding=True)
            for name, value in ({"Authorization": "Bearer olga"} | headers).items():
                connection.putheader(name, value)
            connection.endheaders()
            return Reply(connection.getresponse()).json

        self.assertEqual(get(path, GO)["log_notifications"], ["a@b.io", "c@d.io"])
        self.assertEqual(get("/apps", GO)["_items"][0]["log_notifications"], ["a@b.io", "c@d.io"])
        whole = [{"email": "a@b.io", "job_states": ["*"]}, {"email": "c@d.io", "job_states": ["failed"]}]
        self.assertEqual(get(path, GO | {"Accept": "application/json"})["log_notifications"], whole)
        self.assertEqual(get(path, {})["log_notifications"], whole)

    # a patch

    def test_objects_are_merged_and_lists_replaced(self):
        start = {"autoscale": {"name": "asg", "min": 1, "max": 2}, "env_vars": [{"var_key": "A", "var_value": "1"}]}
        path = f"/apps/{self.app(**start)}"
        self.patch(path, {"autoscale": {"max": 5}, "env_vars": [{"var_key": "B"}]})
        stored = self.call("GET", path).json
        self.assertEqual(stored["autoscale"], {"name": "asg", "min": 1, "max": 5})
        self.assertEqual(stored["env_vars"], [{"var_key": "B"}])

    def test_a_patch_leaves_no_half_object(self):
        path = f"/apps/{self.app()}"
        half = self.patch(path, {"build_infos": {"ssh_username": "admin"}})
        self.assertEqual(half.status, 422)
        missing = {"subnet_id": "required field"}
        self.assertEqual(half.json, {"_status": "ERR", "_issues": {"build_infos": missing}})
        self.assertNotIn("build_infos", self.call("GET", path).json)
        self.assertEqual(self.patch(path, {"modules": [{"name": "a"}]}).status, 422)
        self.assert_error(self.patch(path, {"_id": NOBODY}), 400)

    def test_builds_start_from_one_source(self):
        def built_from(**source):
            return {"build_infos": {"ssh_username": "admin", "subnet_id": "subnet-1", **source}}

        path = f"/apps/{self.app()}"
        none = self.patch(path, built_from())
        self.assertEqual(none.status, 422)
        self.assertIn("build_infos needs one of source_ami, source_ami_filter and source_ami_parameter", none.body.decode())
        self.assertEqual(self.patch(path, built_from(source_ami="ami-1")).status, 200)
        both = self.patch(path, built_from(source_ami="ami-1", source_ami_parameter="/aws/service/debian"))
        self.assertIn("build_infos has both source_ami and source_ami_parameter: only one may be given", both.body.decode())
        named = {"owner": "136693071363", "name": "debian-12-*"}
        self.assertEqual(self.patch(path, {"build_infos": {"source_ami_filter": named}}).status, 200)
        infos = self.call("GET", path).json["build_infos"]
        self.assertEqual(infos["source_ami_filter"], named)
        self.assertNotIn("source_ami", infos)

    def test_only_apps_can_be_edited_and_jobs_not(self):
        job = f"/jobs/{self.job(self.app())}"
        before = self.call("GET", job).json
        for method in ("PUT", "PATCH"):
            reply = self.call(method, job, {"command": "deploy", "user": "eve"}, {"If-Match": before["_etag"]})
            self.assert_error(reply, 405)
        self.assertEqual(self.call("GET", job).json, before)

    def test_methods_behind_post(self):
        path = f"/apps/{self.app()}"
        headers = self.etag(path) | {"X-HTTP-Method-Override": "PATCH"}
        self.assertEqual(self.call("POST", path, {"description": "over"}, headers).status, 200)
        self.assertEqual(self.call("GET", path + "/").json["description"], "over")

    # pages of others

    def test_pages_of_named_origins_may_call(self):
        ours, theirs = {"Origin": "https://docs.example"}, {"Origin": "https://evil.example"}
        reply = self.call("GET", "/apps", headers=ours)
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "https://docs.example")
        self.assertNotIn("Access-Control-Allow-Credentials", reply.headers)
        refused = self.call("GET", "/apps", headers=ours, user=None)  # what went wrong can be read there
        self.assertEqual((refused.status, refused.headers["Access-Control-Allow-Origin"]), (401, "https://docs.example"))
        preflight = self.call("OPTIONS", f"/apps/{NOBODY}", headers=ours, user=None)
        self.assertEqual((preflight.status, preflight.headers["Access-Control-Max-Age"]), (200, "21600"))
        for name in ("Authorization", "Content-Type", "If-Match"):
            self.assertIn(name, preflight.headers["Access-Control-Allow-Headers"])
        self.assertIn("PATCH", preflight.headers["Access-Control-Allow-Methods"])
        for headers in (theirs, {}):
            for method in ("GET", "OPTIONS"):
                self.assertNotIn("Access-Control-Allow-Origin", self.call(method, "/apps", headers=headers).headers)

    # blue/green as data

    def twins(self):
        apps = {a["blue_green"]["color"]: a for a in self.call("GET", "/apps").json["_items"]}
        return apps.get("blue"), apps.get("green")

    def test_enabling_blue_green_makes_a_twin(self):
        hooks = {"pre_swap": "IyEvYmluL3No"}
        app = self.app(blue_green={"enable_blue_green": True, "hooks": hooks})
        blue, green = self.twins()
        self.assertEqual(blue["_id"], app)
        self.assertEqual((blue["blue_green"]["is_online"], green["blue_green"]["is_online"]), (True, False))
        self.assertEqual(blue["blue_green"]["alter_ego_id"], green["_id"])
        self.assertEqual(green["blue_green"]["alter_ego_id"], blue["_id"])
        self.assertEqual(blue["blue_green"]["hooks"], hooks)  # lost by the original
        self.assertEqual([m["name"] for m in green["modules"]], ["site"])
        again = self.call("POST", "/apps", APP)
        self.assert_error(again, 409)
        colored = self.call("POST", "/apps", APP | {"blue_green": {"color": "green"}})
        self.assert_error(
            colored, 409, "An app already exist with same name, role, env and color. Please change one these fields."
        )

    def test_enabling_by_patch_and_giving_up(self):
        path = f"/apps/{self.app(description='mine')}"
        reply = self.patch(path, {"blue_green": {"enable_blue_green": True}})
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(reply.json["_etag"], self.call("GET", path).json["_etag"])
        _blue, green = self.twins()
        self.assertEqual(green["description"], "mine")
        again = self.patch(path, {"blue_green": {"enable_blue_green": True}})
        self.assertEqual((again.status, self.call("GET", "/apps").json["_meta"]["total"]), (200, 2))
        self.assertEqual(self.patch(path, {"blue_green": {"enable_blue_green": False}}).status, 200)
        self.assertNotIn("blue_green", self.call("GET", path).json)
        self.assert_error(self.call("GET", f"/apps/{green['_id']}"), 404)

    def test_deleting_one_half_deletes_both(self):
        self.app(blue_green={"enable_blue_green": True})
        _blue, green = self.twins()
        path = f"/apps/{green['_id']}"
        self.assertEqual(self.call("DELETE", path, headers=self.etag(path)).status, 204)
        self.assertEqual(self.call("GET", "/apps").json["_meta"]["total"], 0)

    # jobs

    def test_a_job_shows_when_it_was_started_and_nothing_of_how(self):
        app = self.app()
        job = self.job(app)
        self.assertNotIn("started_at", self.call("GET", f"/jobs/{job}").json)
        self.assertEqual(self.order("claim"), job)
        shown = self.call("GET", f"/jobs/{job}").json
        started = email.utils.parsedate_to_datetime(shown["started_at"])
        self.assertLess(abs(started.timestamp() - time.time()), 60)
        listed = self.query("/jobs", where={"app_id": app}).json["_items"][0]
        for one in (shown, listed):
            self.assertEqual({"started_us", "resumes"} & set(one), set())
        reply = self.call("POST", "/jobs", {"app_id": app, "command": "buildimage", "started_at": shown["started_at"]})
        self.assertEqual((reply.status, list(reply.json["_issues"])), (422, ["started_at"]))

    def test_a_rollback_is_a_redeploy(self):
        app = self.app()
        deployment = self.order(f"deployment {app} site v1")
        job = self.job(app, "rollback", options=[deployment])
        self.assertEqual(self.call("GET", f"/jobs/{job}").json["command"], "redeploy")

    # going away

    def test_queued_jobs_go_with_their_application(self):
        app = self.app()
        queued, path = self.job(app), f"/apps/{app}"
        running = self.job(app)
        self.order(f"start {running}")
        self.assert_error(
            self.call("DELETE", path, headers=self.etag(path)), 409,
            f"Job {running} of this application is running: wait for its end or cancel it first",
        )  # fmt: skip
        self.assertEqual(self.call("GET", f"/jobs/{queued}").json["status"], "init")
        self.order(f"end {running} done")
        self.assertEqual(self.call("DELETE", path, headers=self.etag(path)).status, 204)
        job = self.call("GET", f"/jobs/{queued}").json
        self.assertEqual((job["status"], job["message"]), ("cancelled", "The application was deleted"))


if __name__ == "__main__":
    unittest.main()
