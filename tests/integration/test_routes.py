#!/usr/bin/env python3
"""Every route of the API, asked rightly and in every wrong way; which routes there are is the server's own word."""
import functools
import json
import re
import unittest

from restcase import RestCase
from route_cases import CASES, NOBODY, PAGE, World

RIGHTS = {0: None, 1: "viewer", 2: "operator", 3: "admin"}
TOKENS = {"viewer": "vera", "operator": "olga", "admin": "ann"}
BELOW = {"operator": "vera", "admin": "olga"}
CHALLENGE = 'Basic realm="eve"'


class Route:
    def __init__(self, line):
        self.method, self.path, right, kind = line.split(",")
        self.role, self.kind = RIGHTS[int(right)], int(kind)
        self.name = f"{self.method} {self.path}"

    def __str__(self):
        return self.name


def for_each(wanted=lambda test, route: True):
    """A test of one route becomes a test of all that are wanted."""

    def wrap(function):
        @functools.wraps(function)
        def run(self):
            for route in self.routes:
                if wanted(self, route):
                    with self.subTest(route.name):
                        function(self, route)

        return run

    return wrap


def with_body(test, route):
    return "requestBody" in test.operation(route)


class Routes(RestCase):
    def setUp(self):
        super().setUp()
        self.world = World(self)
        listed = [Route(line) for line in self.order("routes").split()]
        self.undescribed = [route.name for route in listed if route.kind < 0]
        self.routes = [route for route in listed if route.kind not in (-1, PAGE)]
        self.document = self.call("GET", "/openapi.json", user=None).json

    def operation(self, route):
        return self.document["paths"][route.path][route.method.lower()]

    def documented(self, route):
        """Every answer is one that the description names."""
        return {int(status) for status in self.operation(route)["responses"]}

    def ask(self, route, good, user="", method=None, source=None, **changes):
        user = (TOKENS[route.role or "viewer"] if route.role or CASES[route.name].login else None) if user == "" else user
        asked = good.__dict__ | changes
        reply = self.call(method or route.method, asked["path"], asked["body"], asked["headers"], user=user, source=source)
        self.assertIn(reply.status, self.documented(route), f"{route}: {reply.body[:300]}")
        self.assertTrue(reply.headers["X-Request-Id"])
        if reply.body and reply.headers["Content-Type"] == "application/json":
            self.assertIsNotNone(reply.json)
        return reply

    def conditional(self, route):
        names = [parameter.get("$ref", "") for parameter in self.operation(route)["parameters"]]
        return "#/components/parameters/If-Match" in names

    def good(self, route):
        """The good call on something of its own, with the etag it needs."""
        good = CASES[route.name].good(self.world)
        if self.conditional(route) or route.name == "PUT /apps/{id}":
            good.headers |= {"If-Match": self.call("GET", good.path, user="ann").json["_etag"]}
        return good

    # the tables

    def test_every_route_has_a_case_and_a_description(self):
        self.assertEqual(self.undescribed, [])
        self.assertEqual({route.name for route in self.routes} ^ set(CASES), set())
        described = {f"{m.upper()} {p}" for p, methods in self.document["paths"].items() for m in methods}
        self.assertEqual(described, {route.name for route in self.routes})

    # who may

    @for_each()
    def test_without_a_login(self, route):
        reply = self.ask(route, self.good(route), user=None)
        if route.role or CASES[route.name].login:
            self.assertEqual((reply.status, reply.headers["WWW-Authenticate"]), (401, CHALLENGE))
            self.assertEqual(reply.json["_error"]["message"], "Please provide proper credentials")
        else:
            self.assertEqual(reply.status, CASES[route.name].status)

    @for_each()
    def test_with_a_wrong_login(self, route):
        source = f"127.0.1.{self.routes.index(route) + 1}"  # whoever fails too often from one address has to wait
        for login in ("Bearer nobody", "Basic bm9ib2R5Om5vdGhpbmc=", "Basic !", "Digest x"):
            good = self.good(route)
            reply = self.ask(route, good, user=None, source=source, headers=good.headers | {"Authorization": login})
            self.assertEqual(reply.status, 401, login)

    @for_each(lambda test, route: route.role in BELOW)
    def test_with_too_low_a_role(self, route):
        reply = self.ask(route, self.good(route), user=BELOW[route.role])
        self.assertEqual(reply.status, 403)
        # Whoever may not do it learns nothing about what is there, nor is the body looked at.
        path = re.sub("[0-9a-f]{24}", NOBODY, self.good(route).path)
        self.assertEqual(self.call(route.method, path, "{", user=BELOW[route.role]).status, 403)

    @for_each(lambda test, route: route.role in ("viewer", "operator"))
    def test_with_a_higher_role(self, route):
        self.assertEqual(self.ask(route, self.good(route), user="ann").status, CASES[route.name].status)

    # what is asked

    @for_each()
    def test_rightly(self, route):
        self.assertEqual(self.ask(route, self.good(route)).status, CASES[route.name].status)

    @for_each(lambda test, route: "{" in route.path)
    def test_of_what_is_not_there(self, route):
        case, good = CASES[route.name], self.good(route)
        gone = re.sub("[0-9a-f]{24}", NOBODY, good.path).replace("i-", "i-no")
        self.assertEqual(self.ask(route, good, path=gone).status, case.absent)
        if "instance}" not in route.path:
            for word in ("0123", NOBODY.upper(), NOBODY + "0", "%2e%2e"):
                bad = re.sub("[0-9a-f]{24}", word, good.path)
                self.assertEqual(self.ask(route, good, path=bad).status, 404, bad)

    @for_each(with_body)
    def test_with_a_bad_body(self, route):
        case = CASES[route.name]
        for body in ("", "{", '{"a":1,"a":2}', "[1,", "nonsense", b"\xff\xfe", '"word"', "null", "1"):
            good = self.good(route)
            reply = self.ask(route, good, body=body)
            self.assertIn(reply.status, (400, 403, 422) if case.loose else (400,), body)
            self.assertEqual(reply.json["_error"]["code"], reply.status)
        if not case.loose:
            for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
                good = self.good(route)
                reply = self.ask(route, good, headers=good.headers | {"Content-Type": kind})
                self.assert_error(reply, 400, "Unknown or no Content-Type header supplied")
        self.assertEqual(self.ask(route, self.good(route), body='"' + "x" * 300000 + '"').status, 413)

    @for_each(with_body)
    def test_with_a_body_that_breaks_the_rules(self, route):
        case = CASES[route.name]
        self.assertTrue(case.wrong or case.loose, "no wrong body in the table")
        for wrong in case.wrong:
            reply = self.ask(route, self.good(route), body=wrong)
            self.assertEqual((reply.status, reply.json["_status"]), (422, "ERR"), wrong)
            self.assertTrue({"_issues", "_error"} & set(reply.json))

    @for_each(with_body)
    def test_with_a_charset(self, route):
        good = self.good(route)
        kind = {"Content-Type": "Application/JSON; charset=utf-8"}
        self.assertEqual(self.ask(route, good, headers=good.headers | kind).status, CASES[route.name].status)

    @for_each(lambda test, route: test.conditional(route))
    def test_etags(self, route):
        good = self.good(route)
        absent = self.ask(route, good, headers={})
        self.assert_error(absent, 428, "To edit a document its etag must be provided using the If-Match header")
        for etag in ("0" * 40, "*", "", '"', self.call("GET", good.path, user="ann").headers["ETag"]):
            stale = self.ask(route, good, headers={"If-Match": etag})
            self.assertEqual((stale.status, stale.body), (412, b""), etag)
        quoted = {"If-Match": f'"{good.headers["If-Match"]}"'}
        self.assertEqual(self.ask(route, good, headers=quoted).status, CASES[route.name].status)
        if CASES[route.name].status < 300:
            again = self.ask(route, good)
            self.assertIn(again.status, (404, 412))

    @for_each(lambda test, route: 304 in test.documented(route))
    def test_of_a_version_the_client_has(self, route):
        good = self.good(route)
        first = self.ask(route, good)
        known = self.ask(route, good, headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((known.status, known.body), (304, b""))
        since = self.ask(route, good, headers={"If-Modified-Since": first.headers["Last-Modified"]})
        self.assertEqual(since.status, 304)
        other = self.ask(route, good, headers={"If-None-Match": '"x"'})
        self.assertEqual((other.status, other.json), (200, first.json))

    # how it is asked

    @for_each(lambda test, route: route.path != "/")
    def test_by_a_path_with_a_slash(self, route):
        good = self.good(route)
        path, mark, query = good.path.partition("?")
        self.assertEqual(self.ask(route, good, path=f"{path}/{mark}{query}").status, CASES[route.name].status)

    @for_each()
    def test_accepting_anything(self, route):
        good = self.good(route)
        usual = self.ask(route, good).headers["Content-Type"]
        for accept in ("text/plain", "*/*", "image/png", "application/xml"):
            good = self.good(route)
            reply = self.ask(route, good, headers=good.headers | {"Accept": accept})
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (CASES[route.name].status, usual))

    @for_each(lambda test, route: route.method == "GET" and not route.path.endswith("/stream"))
    def test_head(self, route):
        good = self.good(route)
        full, head = self.ask(route, good), self.ask(route, good, method="HEAD")
        self.assertEqual((head.status, head.body), (full.status, b""))
        for name in ("Content-Type", "Content-Length", "ETag", "X-Total-Count", "Last-Modified"):
            if "health" not in route.path:
                self.assertEqual(head.headers[name], full.headers[name], name)

    @for_each()
    def test_options(self, route):
        good = self.good(route)
        reply = self.call("OPTIONS", good.path, user=None)
        self.assertEqual((reply.status, reply.body), (200, b""))
        allowed = reply.headers["Allow"].split(", ")
        self.assertIn(route.method, allowed)
        self.assertEqual("HEAD" in allowed, "GET" in allowed)
        for method in {"GET", "POST", "PATCH", "PUT", "DELETE"} - set(allowed):
            wrong = self.call(method, good.path, user="ann")
            self.assert_error(wrong, 405, "The method is not allowed for the requested URL.")
            self.assertEqual(wrong.headers["Allow"], reply.headers["Allow"])

    @for_each(lambda test, route: route.method in ("PATCH", "PUT", "DELETE"))
    def test_method_override(self, route):
        good = self.good(route)
        override = {"X-HTTP-Method-Override": route.method}
        reply = self.ask(route, good, method="POST", headers=good.headers | override)
        self.assertEqual(reply.status, CASES[route.name].status)
    def test_method_override_is_only_of_posts(self):
        path = f"/apps/{self.world.app()}"
        get = self.call("GET", path, headers={"X-HTTP-Method-Override": "DELETE"} | self.etag(path))
        self.assertEqual((get.status, self.call("GET", path).status), (200, 200))

    def test_two_apps_of_one_name(self):
        body = self.world.app_body()
        create = next(route for route in self.routes if route.name == "POST /apps")
        call = CASES[create.name].good(self.world)
        self.assertEqual(self.ask(create, call, body=body).status, 201)
        self.assert_error(self.ask(create, call, body=body), 409)
        self.assertEqual(self.ask(create, call, body=[self.world.app_body(), body]).status, 409)

    def test_the_description_is_the_same_everywhere(self):
        for path in ("/docs/api", "/docs/api/api-docs"):
            self.assertEqual(self.call("GET", path, user=None).json, self.document)
        self.assertEqual(self.document["openapi"], "3.1.0")
        self.assertNotIn("null", json.dumps(self.document["info"]))


if __name__ == "__main__":
    unittest.main()
