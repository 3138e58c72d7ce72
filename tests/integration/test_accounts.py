#!/usr/bin/env python3
"""Users, tokens, sessions, and the trail of what they change."""
import base64
import email.utils
import json
import time
import unittest
import urllib.parse

import restlab
from restcase import APP, PROGRAM, RestCase

PASSWORD = "secret12"  # of everybody rest_server.c makes


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Accounts(RestCase):
    def ask(self, method, path, body=None, user="ann", **more):
        return self.call(method, path, body, user=user, **more)

    def edit(self, method, path, body=None, user="ann"):
        etag = self.ask("GET", path, user=user).json["_etag"]
        return self.call(method, path, body, {"If-Match": etag}, user=user)

    def user(self, name, role="viewer", password="a good one"):
        reply = self.ask("POST", "/users", {"name": name, "role": role, "password": password})
        self.assertEqual(reply.status, 201, reply.body)

    def token(self, body=None, user="vera"):
        reply = self.ask("POST", "/tokens", {"name": "ci"} | (body or {}), user=user)
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json

    def login(self, name, password, **more):
        return self.call("GET", "/me", headers=basic(name, password), user=None, **more)

    def notes(self, **where):
        return self.query_as_ann("/audit", where=where)["_items"]

    def query_as_ann(self, path, **parameters):
        words = urllib.parse.urlencode({k: json.dumps(v) for k, v in parameters.items()})
        return self.ask("GET", f"{path}?{words}").json


class Users(Accounts):
    def test_from_beginning_to_end(self):
        self.user("eve")
        self.assertEqual(self.login("eve", "a good one").json, {"name": "eve", "role": "viewer", "via": "password"})
        self.assertEqual(self.edit("PATCH", "/users/eve", {"role": "operator"}).status, 200)
        self.assertEqual(self.login("eve", "a good one").json["role"], "operator")
        self.assertEqual(self.edit("PATCH", "/users/eve", {"password": "a better one"}).status, 200)
        self.assertEqual(self.login("eve", "a good one").status, 401)
        self.assertEqual(self.login("eve", "a better one").json["role"], "operator")
        self.assertEqual(self.edit("DELETE", "/users/eve").status, 204)
        self.assertEqual(self.login("eve", "a better one").status, 401)

    def test_passwords_never_come_out(self):
        self.user("eve", password="unmistakable")
        self.edit("PATCH", "/users/eve", {"password": "unmistakable too"})
        for path in ("/users", "/users/eve", "/users?projection={\"password_hash\":1,\"hash\":1}", "/audit", "/users/eve?version=all"):
            body = self.ask("GET", path).body.decode()
            for secret in ("unmistakable", "scrypt"):
                self.assertNotIn(secret, body, path)

    def test_a_name_is_taken_once(self):
        self.user("eve", password="the first one")
        reply = self.ask("POST", "/users", {"name": "eve", "role": "admin", "password": "another one"})
        self.assert_error(reply, 409, "A user with this name exists already")
        self.assertEqual(self.login("eve", "the first one").json["role"], "viewer")

    def test_an_admin_is_always_left(self):
        sentence = "There must be an admin: make somebody else one first"
        self.assert_error(self.edit("PATCH", "/users/ann", {"role": "viewer"}), 409, sentence)
        self.assert_error(self.edit("DELETE", "/users/ann"), 409, sentence)
        self.assertEqual(self.ask("GET", "/me").json["role"], "admin")
        self.user("eve", role="admin")
        self.assertEqual(self.edit("PATCH", "/users/ann", {"role": "viewer"}).status, 200)
        self.assertEqual(self.ask("GET", "/me").json["role"], "viewer")

    def test_others_change_their_own_password_only(self):
        new = {"password": "a new one!"}
        reply = self.edit("PATCH", "/users/vera", new, user="vera")
        self.assertEqual((reply.status, reply.json["_issues"]), (422, {"old_password": "is not your password"}))
        self.assertEqual(self.edit("PATCH", "/users/vera", new | {"old_password": "guess"}, user="vera").status, 422)
        self.assertEqual(self.edit("PATCH", "/users/vera", new | {"old_password": PASSWORD}, user="vera").status, 200)
        self.assertEqual(self.login("vera", "a new one!").status, 200)
        self.assertEqual(self.edit("PATCH", "/users/vera", {"role": "admin"}, user="vera").status, 403)
        etag = self.ask("GET", "/users/olga").json["_etag"]
        reply = self.call("PATCH", "/users/olga", new | {"old_password": PASSWORD}, {"If-Match": etag}, user="vera")
        self.assert_error(reply, 404, "no user 'olga'")
        absent = self.ask("GET", "/users/nobody", user="vera").json["_error"]["message"]
        there = self.ask("GET", "/users/olga", user="vera").json["_error"]["message"]
        self.assertEqual(there, absent.replace("nobody", "olga"))

    def test_lists_are_filtered_and_sorted(self):
        page = self.query_as_ann("/users", where={"role": "viewer"})
        self.assertEqual([user["name"] for user in page["_items"]], ["vera"])
        names = [user["name"] for user in self.ask("GET", "/users?sort=-name").json["_items"]]
        self.assertEqual(names, ["vera", "olga", "ann"])


class Failures(Accounts):
    def test_who_fails_too_often_waits(self):
        for _ in range(10):
            self.assertEqual(self.login("olga", "guess", source="127.0.2.1").status, 401)
        reply = self.login("olga", "guess", source="127.0.2.1")
        self.assertEqual(reply.status, 429)
        self.assertTrue(1 <= int(reply.headers["Retry-After"]) <= 6)
        self.assertIn("Too many failed logins from this address", reply.json["_error"]["message"])
        # Not even the right word helps there, but elsewhere, and others are not kept out.
        self.assertEqual(self.login("olga", PASSWORD, source="127.0.2.1").status, 429)
        self.assertEqual(self.login("olga", PASSWORD, source="127.0.2.2").status, 200)
        self.assertEqual(self.login("olga", PASSWORD, source="127.0.2.1").status, 200)  # known to be right by now
        self.assertEqual(self.login("vera", PASSWORD, source="127.0.2.1").status, 200)
        self.assertEqual(self.call("GET", "/me", source="127.0.2.1").status, 200)
        body = {"name": "olga", "password": "guess"}
        self.assertEqual(self.call("POST", "/sessions", body, user=None, source="127.0.2.1").status, 429)

    def test_guessing_tokens_is_throttled_but_not_tokens(self):
        statuses = [self.call("GET", "/me", user=f"guess{n}", source="127.0.2.1").status for n in range(40)]
        self.assertEqual(statuses[:30], [401] * 30)
        self.assertIn(429, statuses[30:])
        self.assertEqual(self.call("GET", "/me", source="127.0.2.1").status, 200)


class Tokens(Accounts):
    def test_from_beginning_to_end(self):
        made = self.token()
        self.assertEqual((made["name"], made["user"], made["role"]), ("ci", "vera", "viewer"))
        me = self.call("GET", "/me", user=made["token"])
        self.assertEqual(me.json, {"name": "vera", "role": "viewer", "via": "token ci"})
        shown = self.ask("GET", f"/tokens/{made['_id']}", user="vera").json
        self.assertNotIn("token", shown)
        self.assertIn("last_used", shown)
        self.assertNotIn(made["token"], self.ask("GET", "/tokens").body.decode() + self.ask("GET", "/audit").body.decode())
        self.assertEqual(self.edit("DELETE", f"/tokens/{made['_id']}", user="vera").status, 204)
        self.assertEqual(self.call("GET", "/me", user=made["token"]).status, 401)

    def test_expiry(self):
        soon = email.utils.formatdate(time.time() + 3, usegmt=True)
        made = self.token({"expires": soon})
        self.assertEqual(made["expires"], soon)
        self.assertEqual(self.call("GET", "/me", user=made["token"]).status, 200)
        deadline = time.monotonic() + 20
        while self.call("GET", "/me", user=made["token"]).status == 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.call("GET", "/me", user=made["token"]).status, 401)
        for wrong, issue in (
            (email.utils.formatdate(time.time() - 5, usegmt=True), "must be in the future"),
            (email.utils.formatdate(time.time() + 4000 * 86400, usegmt=True), "must be within ten years"),
            ("tomorrow", "must be a date as 'Sun, 06 Nov 1994 08:49:37 GMT'"),
        ):
            reply = self.ask("POST", "/tokens", {"name": "x", "expires": wrong})
            self.assertEqual((reply.status, reply.json["_issues"]), (422, {"expires": issue}))

    def test_one_allows_no_more_than_who_made_it(self):
        reply = self.ask("POST", "/tokens", {"name": "x", "role": "admin"}, user="olga")
        self.assertEqual((reply.status, reply.json["_issues"]), (422, {"role": "must be no more than operator here"}))
        weak = self.token({"role": "viewer"}, user="ann")
        self.assertEqual(self.call("POST", "/apps", APP, user=weak["token"]).status, 403)
        reply = self.call("POST", "/tokens", {"name": "x", "role": "operator"}, user=weak["token"])
        self.assertEqual(reply.status, 422)
        child = self.call("POST", "/tokens", {"name": "x"}, user=weak["token"]).json
        self.assertEqual(child["role"], "viewer")

    def test_one_made_by_another_ends_with_it(self):
        soon = email.utils.formatdate(time.time() + 600, usegmt=True)
        later = email.utils.formatdate(time.time() + 6000, usegmt=True)
        parent = self.token({"expires": soon})["token"]
        self.assertEqual(self.token(user=parent)["expires"], soon)
        reply = self.ask("POST", "/tokens", {"name": "x", "expires": later}, user=parent)
        self.assertEqual(reply.json["_issues"], {"expires": "must not be after the end of the token that makes it"})

    def test_one_sees_ones_own_and_an_admin_all(self):
        mine, other = self.token()["_id"], self.token(user="olga")["_id"]
        listed = self.ask("GET", "/tokens", user="vera").json["_items"]
        self.assertEqual({token["user"] for token in listed}, {"vera"})
        self.assertIn(mine, [token["_id"] for token in listed])
        self.assertEqual(self.ask("GET", f"/tokens/{other}", user="vera").status, 404)
        etag = {"If-Match": self.ask("GET", f"/tokens/{other}").json["_etag"]}
        self.assertEqual(self.call("DELETE", f"/tokens/{other}", headers=etag, user="vera").status, 404)
        self.assertEqual({token["user"] for token in self.ask("GET", "/tokens").json["_items"]}, {"ann", "olga", "vera"})
        # However it is asked.
        for where in ('{"user":"olga"}', '{"$or":[{"user":"olga"},{"user":"ann"}]}', '{"user":{"$ne":"vera"}}'):
            reply = self.call("GET", f"/tokens?where={urllib.parse.quote(where)}", user="vera")
            self.assertEqual(reply.json["_items"], [], where)

    def test_for_others(self):
        self.assertEqual(self.ask("POST", "/tokens", {"name": "x", "user": "olga"}, user="vera").status, 403)
        made = self.token({"user": "olga"}, user="ann")
        self.assertEqual(self.call("GET", "/me", user=made["token"]).json["name"], "olga")
        self.assertEqual(made["role"], "operator")
        reply = self.ask("POST", "/tokens", {"name": "x", "user": "nobody"})
        self.assertEqual(reply.json["_issues"], {"user": "no user 'nobody'"})

    def test_they_go_with_their_user(self):
        self.user("eve")
        made = self.token({"user": "eve"}, user="ann")["token"]
        self.assertEqual(self.call("GET", "/me", user=made).status, 200)
        self.edit("DELETE", "/users/eve")
        self.assertEqual(self.call("GET", "/me", user=made).status, 401)
        self.user("eve")
        self.assertEqual(self.call("GET", "/me", user=made).status, 401)


class Sessions(Accounts):
    def open_session(self, name="olga", password=PASSWORD):
        reply = self.call("POST", "/sessions", {"name": name, "password": password}, user=None)
        self.assertEqual(reply.status, 200, reply.body)
        return reply, {"Cookie": reply.headers["Set-Cookie"].split(";")[0]}

    def test_from_beginning_to_end(self):
        reply, cookie = self.open_session()
        parts = {part.strip().split("=")[0] for part in reply.headers["Set-Cookie"].split(";")}
        self.assertEqual(parts, {"ghost_session", "Path", "Max-Age", "HttpOnly", "SameSite"})
        self.assertIn("SameSite=Strict", reply.headers["Set-Cookie"])
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        me = self.call("GET", "/me", headers=cookie, user=None).json
        self.assertEqual(me, {"name": "olga", "role": "operator", "via": "session", "csrf_token": reply.json["csrf_token"]})
        proof = cookie | {"X-CSRF-Token": me["csrf_token"]}
        self.assertEqual(self.call("POST", "/apps", APP, proof, user=None).status, 201)
        ended = self.call("DELETE", "/sessions/current", headers=proof, user=None)
        self.assertEqual(ended.status, 204)
        self.assertIn("Max-Age=0", ended.headers["Set-Cookie"])
        self.assertEqual(self.call("GET", "/me", headers=cookie, user=None).status, 401)

    def test_another_page_cannot_use_it(self):
        reply, cookie = self.open_session()
        _, other = self.open_session("vera")
        token = reply.json["csrf_token"]
        for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": token[:-1]}, {"X-CSRF-Token": token + "0"}):
            self.assertEqual(self.call("POST", "/apps", APP, cookie | wrong, user=None).status, 403)
        self.assertEqual(self.call("POST", "/apps", APP, other | {"X-CSRF-Token": token}, user=None).status, 403)
        override = {"X-HTTP-Method-Override": "DELETE"}
        self.assertEqual(self.call("POST", "/sessions/current", headers=cookie | override, user=None).status, 403)
        self.assertEqual(self.call("GET", "/apps", headers=cookie, user=None).json["_meta"]["total"], 0)

    def test_a_page_is_not_asked_by_the_browser(self):
        for headers in ({"X-Requested-With": "fetch"}, {"Cookie": "ghost_session=over"}):
            reply = self.call("GET", "/apps", headers=headers, user=None)
            self.assertEqual((reply.status, reply.headers["WWW-Authenticate"]), (401, None))
        wrong = self.call("POST", "/sessions", {"name": "olga", "password": "guess"}, user=None)
        self.assert_error(wrong, 401, "Wrong name or password")
        self.assertIsNone(wrong.headers["WWW-Authenticate"])
        self.assertIsNone(wrong.headers["Set-Cookie"])

    def test_it_ends_with_the_password_and_follows_the_role(self):
        _, cookie = self.open_session()
        self.edit("PATCH", "/users/olga", {"role": "viewer"})
        self.assertEqual(self.call("GET", "/me", headers=cookie, user=None).json["role"], "viewer")
        self.edit("PATCH", "/users/olga", {"password": "another one"})
        self.assertEqual(self.call("GET", "/me", headers=cookie, user=None).status, 401)

    def test_it_outlives_a_restart(self):
        _, cookie = self.open_session()
        self.server.stop()
        again = restlab.RestServer(PROGRAM, self.folder)
        self.server.process, self.port = again.process, again.port
        self.assertEqual(self.call("GET", "/me", headers=cookie, user=None).json["name"], "olga")


class Audit(Accounts):
    def test_it_says_who_what_when_and_from_where(self):
        app = self.app()
        etag = self.etag(f"/apps/{app}")
        self.call("PATCH", f"/apps/{app}", {"description": "better"}, etag, user="ann")
        created, updated = self.notes(target=app)
        self.assertEqual(
            {name: created[name] for name in ("user", "via", "address", "resource", "action")},
            {"user": "olga", "via": "token test", "address": "127.0.0.1", "resource": "app", "action": "create"},
        )
        self.assertEqual(created["change"]["name"], {"to": "shop"})
        self.assertEqual((updated["user"], updated["action"]), ("ann", "update"))
        self.assertEqual(updated["change"]["description"], {"to": "better"})
        self.assertNotIn("vpc_id", updated["change"])
        self.assertLess(abs(email.utils.parsedate_to_datetime(updated["at"]).timestamp() - time.time()), 60)

    def test_every_kind_of_change_is_there(self):
        app = self.app()
        job = self.job(app)
        self.call("DELETE", f"/jobs/{job}/enqueueings")
        hook = self.created("/webhooks", {"app_id": app, "module": "site", "rev": ".*", "events": ["push"], "commands": ["deploy"], "secret_token": "hush"})
        self.edit("PATCH", f"/webhooks/{hook}", {"rev": "v.*", "secret_token": "hush hush"})
        self.edit("DELETE", f"/webhooks/{hook}")
        self.user("eve")
        self.edit("PATCH", "/users/eve", {"password": "a new one"})
        self.edit("PATCH", "/users/eve", {"role": "operator"})
        made = self.token({"user": "eve"}, user="ann")["_id"]
        self.edit("DELETE", f"/tokens/{made}")
        self.call("POST", "/sessions", {"name": "eve", "password": "a new one"}, user=None)
        self.edit("DELETE", "/users/eve")
        page = self.ask("GET", "/audit?max_results=200").json["_items"]
        self.assertEqual(
            [f"{note['resource']} {note['action']}" for note in page],
            ["app create", "job create", "job cancel", "webhook create", "webhook update", "webhook delete", "user create",
             "user password", "user update", "token create", "token delete", "session create", "user delete"],
        )  # fmt: skip
        self.assertNotIn("hush", str(page))
        self.assertEqual(page[8]["change"], {"role": {"from": "viewer", "to": "operator"}})
        self.assertEqual((page[11]["user"], page[11]["target"]), ("eve", "eve"))

    def test_what_was_refused_is_not(self):
        self.call("POST", "/apps", {"name": "shop"})
        self.call("POST", "/apps", APP, user="vera")
        self.edit("DELETE", "/users/ann")
        self.assertEqual(self.ask("GET", "/audit").json["_items"], [])

    def test_nobody_changes_it(self):
        self.app()
        note = self.ask("GET", "/audit").json["_items"][0]
        for method in ("PATCH", "PUT", "DELETE"):
            reply = self.call(method, f"/audit/{note['_id']}", {}, {"If-Match": note["_etag"]}, user="ann")
            self.assertEqual(reply.status, 405)
        self.assertEqual(self.ask("GET", "/audit", user="olga").status, 403)


if __name__ == "__main__":
    unittest.main()
