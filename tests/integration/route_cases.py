"""What each route of the API is asked by test_routes.py. A new route needs a case here.

A case is written as a function that makes what the good call needs in a World and returns the call; its
keywords say how the route takes the wrong ones:
  status    of the good call (default: 201 for POST, 204 for DELETE, else 200)
  wrong     bodies that break the route's own rules, each answered 422
  absent    the answer when the path names nothing (default 404; None: the path names nothing)
  login     it wants one, though its row asks for no right
  loose     the body need not be JSON of any kind
"""
import dataclasses
import itertools
import typing

import gitcase

NOBODY = "0123456789abcdef01234567"
PAGE = 8  # ANSWER_PAGE of route_doc.h


@dataclasses.dataclass
class Good:
    path: str
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Case:
    good: typing.Callable
    status: int
    wrong: tuple = ()
    absent: int | None = 404
    login: bool = False
    loose: bool = False


CASES: dict[str, Case] = {}


def case(route, status=None, **more):
    """Registers the case of "METHOD /path"; whoever made one already is told."""
    method = route.split()[0]

    def keep(function):
        assert route not in CASES, route
        CASES[route] = Case(function, status or {"POST": 201, "DELETE": 204}.get(method, 200), **more)
        return function

    return keep


def plain(*routes, **more):
    for route in routes:
        case(route, absent=None, **more)(lambda world, path=route.split()[1]: Good(path))


class World:
    """Makes things by the API itself; every call gives a new one."""

    def __init__(self, test):
        self.test, self.numbers = test, itertools.count(1)

    def app_body(self):
        return {
            "name": f"shop{next(self.numbers)}",
            "env": "dev",
            "role": "webfront",
            "vpc_id": "vpc-1",
            "modules": [{"name": "site", "git_repo": "git@github.com:t/t.git", "scope": "code", "path": "/srv/site"}],
        }

    def app(self):
        return self.test.created("/apps", self.app_body())

    def repository(self):
        return gitcase.Repository(f"{self.test.folder}/repository{next(self.numbers)}").path

    def job(self, **fields):
        return self.test.created("/jobs", {"app_id": self.app(), "command": "buildimage"} | fields)

    def ended_job(self):
        job = self.job()
        assert self.test.call("DELETE", f"/jobs/{job}/enqueueings").status == 204
        return job

    def asking_job(self):
        job = self.job()
        self.test.order(f"start {job}")
        self.test.order(f"ask {job} start nothing is begun yet")
        return job

    def deployment(self):
        return self.test.order(f"deployment {self.app()} site v1")

    def instance(self):
        name = f"i-{next(self.numbers):017x}"
        self.test.order(f"instance {self.app()} {name}")
        return name

    def webhook_body(self):
        return {"app_id": self.app(), "module": "site", "rev": ".*", "events": ["push"], "commands": ["deploy"]}

    def webhook(self):
        return self.test.created("/webhooks", self.webhook_body())

    def user(self):
        body = self.user_body()
        reply = self.test.call("POST", "/users", body, user="ann")
        assert reply.status == 201, reply.body
        return body["name"]

    def user_body(self):
        return {"name": f"user{next(self.numbers)}", "role": "viewer", "password": "a good one"}

    def user_id(self, name):
        return self.test.call("GET", f"/users/{name}", user="ann").json["_id"]

    def token(self):
        reply = self.test.call("POST", "/tokens", {"name": "script"}, user="vera")
        assert reply.status == 201, reply.body
        return reply.json["_id"]

    def invocation(self):
        hook = self.webhook()
        good = CASES["POST /webhooks/{webhook_id}/invocations"].good(self, hook)
        reply = self.test.call("POST", good.path, good.body, good.headers, user=None)
        assert reply.status == 201, reply.body
        return hook, self.test.call("GET", f"/webhooks/{hook}/invocations").json["_items"][0]["_id"]


# applications

plain("GET /apps", "GET /jobs", "GET /deployments", "GET /instances", "GET /webhooks", "GET /webhooks/all/invocations")
plain("GET /notifications", "GET /overview")
plain("GET /agent/ghost-agent", "GET /agent/ghost-agent.sha256", "GET /agent/ghost-agent.sig", "GET /agent/release-key", "GET /agent/ca")
UNKNOWN = {"no_such_member": 1}


@case("POST /apps", absent=None, wrong=(UNKNOWN, {"name": 3}, [{"name": 3}], [3]))
def _(world):
    return Good("/apps", world.app_body())


@case("GET /apps/{id}")
def _(world):
    return Good(f"/apps/{world.app()}")


@case("PATCH /apps/{id}", wrong=(UNKNOWN, {"ami": "ami-1"}, {"name": "other"}, {"modules": [{}]}))
def _(world):
    return Good(f"/apps/{world.app()}", {"description": "changed"})


@case("PUT /apps/{id}", status=406, absent=406)
def _(world):
    return Good(f"/apps/{world.app()}")


@case("DELETE /apps/{id}")
def _(world):
    return Good(f"/apps/{world.app()}")


@case("GET /apps/{id}/modules/{name}/revisions")
def _(world):
    site = {"name": "site", "git_repo": world.repository(), "scope": "code", "path": "/srv/site"}
    app = world.test.created("/apps", world.app_body() | {"modules": [site]})
    return Good(f"/apps/{app}/modules/site/revisions")


# jobs


@case("POST /jobs", absent=None, wrong=(UNKNOWN, {"command": "format"}, {"app_id": NOBODY, "command": "deploy"}))
def _(world):
    return Good("/jobs", {"app_id": world.app(), "command": "deploy", "modules": [{"name": "site"}]})


@case("POST /plans", status=200, absent=None, wrong=(UNKNOWN, {"command": "format"}, {"app_id": NOBODY, "command": "deploy"}))
def _(world):
    site = {"name": "site", "git_repo": world.repository(), "scope": "code", "path": "/srv/site"}
    app = world.test.created("/apps", world.app_body() | {"modules": [site]})
    return Good("/plans", {"app_id": app, "command": "deploy", "modules": [{"name": "site"}]})


@case("GET /jobs/{id}")
def _(world):
    return Good(f"/jobs/{world.job()}")


@case("DELETE /jobs/{id}")
def _(world):
    return Good(f"/jobs/{world.ended_job()}")


@case("DELETE /jobs/{id}/enqueueings", absent=422)
def _(world):
    return Good(f"/jobs/{world.job()}/enqueueings")


@case("POST /jobs/{id}/approvals", status=204, wrong=({"point": "another"},))
def _(world):
    return Good(f"/jobs/{world.asking_job()}/approvals", {"point": "start"})


@case("GET /jobs/{id}/websocket_token")
def _(world):
    return Good(f"/jobs/{world.job()}/websocket_token")


@case("GET /jobs/{id}/logs")
def _(world):
    job = world.job()
    world.test.order(f"log {job} one line")
    return Good(f"/jobs/{job}/logs")


@case("GET /jobs/{id}/logs/stream")
def _(world):
    return Good(f"/jobs/{world.ended_job()}/logs/stream")


@case("GET /events/stream", absent=None)
def _(world):
    return Good("/events/stream?seconds=0")


# what is only read


@case("GET /deployments/{id}")
def _(world):
    return Good(f"/deployments/{world.deployment()}")


@case("POST /apps/{id}/group_token", status=200)
def _(world):
    return Good(f"/apps/{world.app()}/group_token")


@case("GET /instances/{instance}")
def _(world):
    return Good(f"/instances/{world.instance()}")


@case("GET /instances/{instance}/logs")
def _(world):
    instance = world.instance()
    world.test.order(f"log {world.test.call('GET', f'/instances/{instance}').json['_id']} one line")
    return Good(f"/instances/{instance}/logs")


plain("GET /commands", "GET /commands/fields")


@case("GET /commands/{app_id}")
def _(world):
    return Good(f"/commands/{world.app()}")


@case("GET /commands/fields/{app_id}")
def _(world):
    return Good(f"/commands/fields/{world.app()}")


plain("GET /", login=True)
plain("GET /health", "GET /metrics", "GET /version", "GET /rq", "GET /lxd/status", "GET /lxd/images", "GET /presets")
plain("GET /openapi.json", "GET /docs/api", "GET /docs/api/api-docs")


# what there is in AWS

plain(*(f"GET /aws/{name}" for name in (
    "regions", "vpcs", "subnets", "security-groups", "key-pairs", "instance-types", "instance-profiles", "images",
    "autoscaling-groups", "load-balancers", "target-groups",
)))  # fmt: skip


# webhooks


@case("POST /webhooks", absent=None, wrong=(UNKNOWN, {"rev": "["}, {"app_id": NOBODY}))
def _(world):
    return Good("/webhooks", world.webhook_body())


@case("GET /webhooks/{id}")
def _(world):
    return Good(f"/webhooks/{world.webhook()}")


@case("PATCH /webhooks/{id}", wrong=(UNKNOWN, {"user": "root"}, {"events": ["pull"]}))
def _(world):
    return Good(f"/webhooks/{world.webhook()}", {"rev": "v.*"})


@case("PUT /webhooks/{id}", wrong=(UNKNOWN, {"rev": "v1"}))
def _(world):
    return Good(f"/webhooks/{world.webhook()}", world.webhook_body())


@case("DELETE /webhooks/{id}")
def _(world):
    return Good(f"/webhooks/{world.webhook()}")


@case("GET /webhooks/{webhook_id}/invocations", absent=200)
def _(world):
    return Good(f"/webhooks/{world.webhook()}/invocations")


@case("POST /webhooks/{webhook_id}/invocations", absent=422, loose=True)
def _(world, hook=None):
    repository = {"url": "https://github.com/t/t", "clone_url": "https://github.com/t/t.git"}
    push = {"ref": "refs/heads/master", "after": "a" * 40, "repository": repository}
    return Good(f"/webhooks/{hook or world.webhook()}/invocations", push, {"X-GitHub-Event": "push"})


def invocation_cases(one):
    def path(world):
        hook, invocation = world.invocation()
        return f"/webhooks/{hook if one else 'all'}/invocations/{invocation}"

    shape = "/webhooks/{webhook_id}/invocations/{id}" if one else "/webhooks/all/invocations/{id}"
    case(f"GET {shape}")(lambda world: Good(path(world)))
    case(f"PATCH {shape}", status=422, wrong=({"jobs": []},))(lambda world: Good(path(world), {"jobs": []}))
    case(f"PUT {shape}", status=422, wrong=({"jobs": []},))(lambda world: Good(path(world), {"jobs": []}))
    case(f"DELETE {shape}")(lambda world: Good(path(world)))


invocation_cases(one=True)
invocation_cases(one=False)


# accounts

plain("GET /me", "GET /users", "GET /tokens", "GET /audit")
SHORT = {"password": "short"}


@case("GET /audit/{id}")
def _(world):
    world.app()
    return Good(f"/audit/{world.test.call('GET', '/audit', user='ann').json['_items'][0]['_id']}")


@case("POST /users", absent=None, wrong=(UNKNOWN, SHORT, {"name": "x", "role": "root", "password": "a good one"}))
def _(world):
    return Good("/users", world.user_body())


@case("GET /users/{user}")
def _(world):
    return Good(f"/users/{world.user_id('vera')}")


@case("PATCH /users/{user}", wrong=(UNKNOWN, SHORT, {"role": "root"}))
def _(world):
    return Good(f"/users/{world.user_id('vera')}", {"password": "secret12", "old_password": "secret12"})


@case("DELETE /users/{user}")
def _(world):
    return Good(f"/users/{world.user_id(world.user())}")


@case("POST /tokens", absent=None, wrong=(UNKNOWN, {"name": "a b"}, {"name": "x", "role": "root"}, {"name": "x", "expires": "soon"}))
def _(world):
    return Good("/tokens", {"name": "script"})


@case("GET /tokens/{id}")
def _(world):
    return Good(f"/tokens/{world.token()}")


@case("DELETE /tokens/{id}")
def _(world):
    return Good(f"/tokens/{world.token()}")


@case("POST /sessions", status=200, absent=None, wrong=(UNKNOWN, {"name": "vera"}))
def _(world):
    return Good("/sessions", {"name": "vera", "password": "secret12"})


@case("DELETE /sessions/current")
def _(world):
    reply = world.test.call("POST", "/sessions", {"name": "vera", "password": "secret12"}, user=None)
    cookie = reply.headers["Set-Cookie"].split(";")[0]
    return Good("/sessions/current", headers={"Cookie": cookie, "X-CSRF-Token": reply.json["csrf_token"]})
