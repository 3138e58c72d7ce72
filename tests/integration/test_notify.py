#!/usr/bin/env python3
"""Mails, Slack messages and outgoing webhooks of a real controller, taken by real servers on loopback."""
import gzip
import hashlib
import hmac
import json
import subprocess
import sys
import unittest

import ghostlab
from ghostlab import b64, free_port, wait_for

try:
    import notifylab
    from notifylab import HttpSink, MailServer
except ModuleNotFoundError as missing:
    print(f"skipped: {missing} (Debian: python3-aiosmtpd)")
    sys.exit(77)

QUICK = {"notify.retry_first": "100ms", "notify.retry_max": "200ms", "notify.base_url": "https://ghost.example/"}
TO_ANN = [{"email": "ann@example.com", "job_states": ["*"]}]


class Notify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(ghostlab.Lab())
        cls.good = notifylab.certificate(cls.lab.folder, "good")
        cls.bad = notifylab.certificate(cls.lab.folder, "bad")
        cls.repository = ghostlab.Repository(cls.lab.folder / "site")
        cls.repository.commit({"page.html": "one\n"}, "first", tag="v1")
        cls.numbers = iter(range(1000))

    def configure(self, **settings):
        """Starts the controller anew with these settings, _ for '.' after the first word."""
        self.lab.settings = QUICK | {name.replace("_", ".", 1): value for name, value in settings.items()}
        self.lab.write_settings()
        self.lab.stop(self.lab.controller)
        self.assertEqual(self.lab.controller.returncode, 0)
        self.lab.start_controller()

    def mail_settings(self, server, **more):
        return {"mail_server": server.url, "mail_from": "ghost@example.com", "mail_tls": "none"} | more

    def app(self, **fields):
        module = {"name": "site", "git_repo": self.repository.url, "scope": "code", "path": "/srv/site"}
        return self.lab.create_app([module | fields.pop("module", {})], name=f"shop{next(self.numbers)}", **fields)

    def quick_job(self, app_id):
        return self.lab.run(app_id, "destroyallinstances")

    def waiting(self):
        return self.lab.get("/notifications?max_results=100")["_items"]

    def pending(self):
        """Without what other tests left, given up."""
        return [item for item in self.waiting() if item["state"] == "pending"]

    def wait_mails(self, server, count=1):
        wait_for(f"{count} mails", lambda: len(server.mails) >= count)
        wait_for("an empty queue", lambda: not self.pending())
        self.assertEqual(len(server.mails), count)
        return server.mails

    # ---- mail ----------------------------------------------------------------------------------------------------

    def test_a_mail_tells_the_end_of_a_job(self):
        with MailServer() as server:
            self.configure(**self.mail_settings(server))
            app_id = self.app(log_notifications=TO_ANN)
            job = self.quick_job(app_id)
            (mail,) = self.wait_mails(server)
            name = self.lab.get(f"/apps/{app_id}")["name"]
            self.assertEqual(mail.to, ["ann@example.com"])
            self.assertEqual(mail.sender, "ghost@example.com")
            self.assertEqual(mail.message["From"], "Cloud Deploy <ghost@example.com>")
            self.assertEqual(mail.message["Subject"], f"[GHOST] App {name} (dev) - destroyallinstances: done ({job['message']})")
            self.assertRegex(mail.id, r"^<[0-9a-f]{24}@example\.com>$")
            self.assertEqual(mail.message["Auto-Submitted"], "auto-generated")
            for kind in ("plain", "html"):
                content = mail.part(kind)
                for words in ("Cloud Deploy job triggered by admin", name, "webfront", job["_id"], job["message"]):
                    self.assertIn(words, content)
            self.assertIn("#4CAF50", mail.part("html"))
            self.assertIn(f'href="https://ghost.example/web/jobs/{job["_id"]}"', mail.part("html"))
            self.assertEqual(mail.attachment.get_filename(), f"{job['_id']}.txt")
            self.assertEqual(mail.attachment.get_content().rstrip(), self.lab.log(job["_id"]).rstrip())

    def test_only_the_states_that_are_wanted(self):
        with MailServer() as server:
            self.configure(**self.mail_settings(server))
            wanted = [
                {"email": "failed@example.com", "job_states": ["failed"]},
                {"email": "both@example.com", "job_states": ["done", "failed"]},
                {"email": "all@example.com", "job_states": ["*"]},
            ]
            self.quick_job(self.app(log_notifications=wanted))
            self.assertEqual(sorted(mail.to[0] for mail in self.wait_mails(server, 2)), ["all@example.com", "both@example.com"])

    def test_starttls_and_login(self):
        with MailServer(tls=self.good, login=True) as server:
            login = {"mail_user": "ghost", "mail_password": "mail-secret"}
            self.configure(**self.mail_settings(server, mail_tls="required", mail_ca_file=self.good[0], **login))
            self.quick_job(self.app(log_notifications=TO_ANN))
            (mail,) = self.wait_mails(server)
            self.assertTrue(mail.encrypted)
            self.assertEqual(mail.user, b"ghost")

    def test_tls_at_once(self):
        with MailServer(tls=self.good, at_once=True) as server:
            self.configure(**self.mail_settings(server, mail_tls="required", mail_ca_file=self.good[0]))
            self.quick_job(self.app(log_notifications=TO_ANN))
            self.wait_mails(server)

    def one_problem(self, words):
        """The only delivery waits and says why; the job is not touched by it."""
        (item,) = wait_for("a failed attempt", lambda: [item for item in self.pending() if item["last_error"]])
        self.assertEqual((item["state"], item["channel"], item["recipient"]), ("pending", "email", "ann@example.com"))
        self.assertIn(words, item["last_error"])
        self.assertEqual(self.lab.job(item["job_id"])["status"], "done")
        return item

    def test_a_wrong_certificate_gets_no_mail(self):
        with MailServer(tls=self.bad) as server:
            self.configure(**self.mail_settings(server, mail_tls="required", mail_ca_file=self.good[0]))
            self.quick_job(self.app(log_notifications=TO_ANN))
            self.one_problem("certificate")
            self.assertEqual(server.attempts, 0)
            self.configure(**self.mail_settings(server, mail_tls="required", mail_ca_file=self.bad[0]))
            self.wait_mails(server)

    def test_nothing_in_the_clear_when_tls_is_required(self):
        with MailServer() as server:
            self.configure(**self.mail_settings(server, mail_tls="required"))
            self.quick_job(self.app(log_notifications=TO_ANN))
            self.one_problem("mail server")
            self.assertEqual(server.attempts, 0)
            self.configure(**self.mail_settings(server, mail_tls="opportunistic"))
            self.wait_mails(server)

    def test_a_wrong_password_can_be_corrected(self):
        with MailServer(tls=self.good, login=True) as server:
            settings = self.mail_settings(server, mail_tls="required", mail_ca_file=self.good[0], mail_user="ghost")
            self.configure(**settings, mail_password="wrong-secret")
            self.quick_job(self.app(log_notifications=TO_ANN))
            item = self.one_problem("mail server")
            self.assertNotIn("wrong-secret", json.dumps(item))
            self.configure(**settings, mail_password="mail-secret")
            self.wait_mails(server)

    def test_a_server_that_was_down_gets_the_mail_once(self):
        port = free_port()
        server = MailServer(port=port)
        self.configure(**self.mail_settings(server))
        self.quick_job(self.app(log_notifications=TO_ANN))
        item = self.one_problem("mail server")
        wait_for("more attempts", lambda: self.pending()[0]["attempts"] >= 3)
        with server:
            (mail,) = self.wait_mails(server)
            self.assertIn(item["_id"], mail.id)

    def test_a_refusal_for_now_is_tried_again(self):
        with MailServer(rcpt_answers=["450 grey listed", "451 try later"], data_answers=["452 disk full"]) as server:
            self.configure(**self.mail_settings(server))
            self.quick_job(self.app(log_notifications=TO_ANN))
            self.wait_mails(server)
            self.assertEqual(server.attempts, 4)

    def test_a_refusal_for_good_is_given_up(self):
        with MailServer(rcpt_answers=["550 no such user"]) as server:
            self.configure(**self.mail_settings(server))
            everyone = [*TO_ANN, {"email": "bob@example.com", "job_states": ["*"]}]
            job = self.quick_job(self.app(log_notifications=everyone))
            (mail,) = self.wait_mails(server)
            self.assertEqual(mail.to, ["bob@example.com"])
            (item,) = [item for item in self.waiting() if item["job_id"] == job["_id"]]
            self.assertEqual((item["state"], item["recipient"], item["attempts"]), ("failed", "ann@example.com", 1))
            self.assertIn("550 no such user", item["last_error"])
            self.assertNotIn("next_attempt", item)
            self.assertEqual(server.attempts, 2)

    def test_what_a_person_wrote_breaks_no_mail(self):
        with MailServer() as server:
            self.configure(**self.mail_settings(server))
            app_id = self.app(log_notifications=TO_ANN, module={"git_repo": "/nowhere/é<script>"})
            job = self.lab.deploy(app_id, {"site": "x\u00e9<b>"}, expect="failed")
            (mail,) = self.wait_mails(server)
            self.assertEqual(mail.to, ["ann@example.com"])
            self.assertIn("failed", mail.message["Subject"])
            self.assertTrue(all(ord(letter) < 128 for letter in mail.raw.split(b"\r\n\r\n")[0].decode("latin-1")))
            self.assertNotIn("<script>", mail.part("html"))
            self.assertNotIn("<b>", mail.part("html"))
            self.assertIn("#F44336", mail.part("html"))
            self.assertIn(job["_id"], mail.part("plain"))

    def test_a_long_log_comes_compressed(self):
        with MailServer() as server:
            self.configure(**self.mail_settings(server))
            script = "#!/bin/sh\nseq 1 120000 | sed 's/$/ é a line of the log/'\nexit 7\n"
            app_id = self.app(log_notifications=TO_ANN, module={"build_pack": b64(script)})
            job = self.lab.deploy(app_id, {"site": "v1"}, expect="failed")
            (mail,) = self.wait_mails(server)
            self.assertEqual(mail.attachment.get_filename(), f"{job['_id']}.txt.gz")
            self.assertEqual(mail.attachment.get_content_type(), "application/gzip")
            log = gzip.decompress(mail.attachment.get_content())
            self.assertGreater(len(log), 2_000_000)
            stored = (self.lab.folder / "data" / "logs" / f"{job['_id']}.txt").read_bytes()
            self.assertEqual(hashlib.sha256(log).digest(), hashlib.sha256(stored).digest())
            self.assertLess(len(mail.raw), 1_500_000)

    # ---- Slack and webhook ---------------------------------------------------------------------------------------

    def wait_posts(self, sink, count):
        wait_for(f"{count} posts", lambda: len(sink.posts) >= count)
        wait_for("an empty queue", lambda: not self.pending())
        self.assertEqual(len(sink.posts), count)
        return sink.posts

    def test_slack_channels(self):
        with HttpSink() as sink:
            file = self.lab.folder / "slack.json"
            more = {"webhooks_endpoint": sink.url("/second-secret"), "channel": "#two", "bot_name": "bot2"}
            file.write_text(json.dumps([more]))
            icon = "https://ghost.example/icon.png"
            self.configure(
                slack_url=sink.url("/first-secret"),
                slack_channel="#one",
                slack_bot_name="bot1",
                slack_bot_icon=icon,
                slack_message_prefix="News",
                slack_file=file,
            )
            job = self.quick_job(self.app())
            posts = {post.path: post.json for post in self.wait_posts(sink, 2)}
            first, second = posts["/first-secret"], posts["/second-secret"]
            self.assertEqual((first["channel"], first["username"], first["icon_url"]), ("#one", "bot1", icon))
            self.assertEqual((second["channel"], second["username"]), ("#two", "bot2"))
            (attachment,) = first["attachments"]
            self.assertEqual((attachment["pretext"], attachment["color"]), ("News", "#4CAF50"))
            self.assertEqual(attachment["title_link"], f"https://ghost.example/web/jobs/{job['_id']}")
            log = self.lab.log(job["_id"]).splitlines()
            (extract,) = [field["value"] for field in attachment["fields"] if field["title"] == "Log extract"]
            self.assertEqual(extract.splitlines(), ["[...]", *log[-5:]])

    def verified(self, post, secret=b"hook-secret"):
        signature = "sha256=" + hmac.new(secret, post.body, hashlib.sha256).hexdigest()
        self.assertTrue(hmac.compare_digest(post.headers["X-Ghost-Signature-256"], signature))
        self.assertEqual(post.headers["Content-Type"], "application/json")
        self.assertEqual(post.json["delivery"], post.headers["X-Ghost-Delivery"])
        self.assertEqual(post.json["event"], post.headers["X-Ghost-Event"])
        return post.json

    def test_a_webhook_hears_every_state_signed(self):
        with HttpSink() as sink:
            self.configure(webhook_url=sink.url("/hook"), webhook_secret="hook-secret")
            app_id = self.app()
            job = self.quick_job(app_id)
            started, done = [self.verified(post) for post in self.wait_posts(sink, 2)]
            self.assertEqual((started["event"], done["event"]), ("job.started", "job.done"))
            self.assertEqual(done["job"]["message"], job["message"])
            for body in (started, done):
                self.assertEqual((body["job"]["_id"], body["job"]["user"]), (job["_id"], "admin"))
                self.assertEqual((body["app"]["_id"], body["app"]["env"], body["app"]["role"]), (app_id, "dev", "webfront"))
            self.assertNotEqual(started["delivery"], done["delivery"])

    def test_what_a_webhook_refuses_and_what_it_puts_off(self):
        with HttpSink(statuses=[302, 500, 429, 200, 404]) as sink:
            self.configure(webhook_url=sink.url("/hook"), webhook_secret="hook-secret")
            job = self.quick_job(self.app())
            posts = self.wait_posts(sink, 5)
            self.assertEqual({post.path for post in posts}, {"/hook"})
            (item,) = [item for item in self.waiting() if item["job_id"] == job["_id"]]
            self.assertEqual((item["state"], item["channel"], item["recipient"]), ("failed", "webhook", f"127.0.0.1:{sink.port}"))
            self.assertIn("HTTP 404", item["last_error"])
            self.assertNotIn("hook-secret", json.dumps(item))

    def test_a_killed_controller_delivers_after_its_restart(self):
        port = free_port()
        self.configure(webhook_url=f"http://127.0.0.1:{port}/hook", webhook_secret="hook-secret")
        self.quick_job(self.app())
        wait_for("failed attempts", lambda: len([item for item in self.pending() if item["attempts"]]) == 2)
        expected = {item["_id"] for item in self.pending()}
        self.lab.kill_controller()
        with HttpSink(port=port) as sink:
            self.lab.start_controller()
            bodies = [self.verified(post) for post in self.wait_posts(sink, 2)]
            self.assertEqual({body["delivery"] for body in bodies}, expected)

    def test_a_controller_killed_while_it_sends_sends_again_under_the_same_id(self):
        with HttpSink(statuses=[HttpSink.HOLD]) as sink:
            self.configure(webhook_url=sink.url("/hook"), webhook_secret="hook-secret")
            self.quick_job(self.app())
            wait_for("a post", lambda: sink.posts)
            self.lab.kill_controller()
            self.lab.start_controller()
            posts = [self.verified(post)["delivery"] for post in self.wait_posts(sink, 3)]
            self.assertEqual(posts[0], posts[1])
            self.assertNotEqual(posts[1], posts[2])

    def test_a_receiver_that_never_answers_changes_no_job_and_stops_no_controller(self):
        with HttpSink(statuses=[HttpSink.HOLD] * 20) as sink, MailServer() as server:
            self.configure(webhook_url=sink.url("/hook"), **self.mail_settings(server))
            app_id = self.app(log_notifications=TO_ANN)
            self.quick_job(app_id)
            wait_for("a post", lambda: sink.posts)
            self.quick_job(app_id)
            wait_for("mails meanwhile", lambda: len(server.mails) == 2)
            self.lab.stop(self.lab.controller, 10)
            self.assertEqual(self.lab.controller.returncode, 0)
            sink.statuses.clear()
            self.lab.start_controller()
            wait_for("an empty queue", lambda: not self.pending())

    # ---- settings ------------------------------------------------------------------------------------------------

    def test_settings_that_cannot_work_are_refused_without_their_secrets(self):
        for line, words in (
            ("mail.server = http://x", "mail.server is not smtp://"),
            ("mail.server = smtp://x", "mail.server needs mail.from"),
            ("mail.from = a b@c", "mail.from"),
            ("mail.user = x", "go together"),
            ("slack.url = secret", "slack.url is not http"),
            ("webhook.url = secret", "webhook.url is not http"),
            ("slack.states = done gone", "'gone' is no state"),
        ):
            file = self.lab.folder / "wrong.conf"
            file.write_text(line + "\n")
            done = subprocess.run([str(ghostlab.CONTROLLER), "--config", str(file), "--check"], capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0, line)
            self.assertIn(words, done.stderr)
            self.assertNotIn("secret", done.stderr)

    # ---- what instances do -----------------------------------------------------------------------------------------

    def test_an_endpoint_hears_what_instances_do(self):
        with HttpSink() as sink:
            self.lab.settings = QUICK | {"notification_endpoint.url": sink.url("/events")}
            self.lab.write_settings()
            self.lab.stop(self.lab.controller)
            self.lab.start_controller()
            app_id = self.app(module={"post_deploy": b64("#!/bin/sh\ntest ! -e bad\n")})
            self.lab.run(app_id, "buildimage")
            self.lab.run(app_id, "createinstance")
            self.lab.deploy(app_id, {"site": "v1"})
            self.repository.commit({"bad": ""}, "does not start", tag="bad")
            self.lab.deploy(app_id, {"site": "bad"}, expect="failed")
            wait_for("eight posts", lambda: len(sink.posts) >= 8)
            wait_for("an empty queue", lambda: not self.pending())
            (instance,) = self.lab.instances(app_id)
            host = instance["facts"]["host_name"]
            said = [post.json for post in sink.posts]
            self.assertEqual({(one["hostname"], one["zabbixname"]) for one in said}, {(host, host)})
            # The instance is set up (with no module yet), gets a release, and one that it does not take.
            self.assertEqual([(one["status"], one.get("return_code")) for one in said], [
                ("starting", None), ("done", 0),
                ("starting", None), ("started", None), ("done", 0),
                ("starting", None), ("started", None), ("failed", -13)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
