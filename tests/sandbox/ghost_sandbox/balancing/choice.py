"""Which rule, which target group, which target: the choices a load balancer makes for a request."""
import hashlib
import time

from .routes import Forward, next_turn

TARGET_COOKIE = "AWSALB"
GROUP_COOKIE = "AWSALBTG"


def token_of(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


def action_for(front, request):
    """The action of the first rule whose conditions are met; the default has none."""
    return next(action for conditions, action in front.routes if all(met(request) for met in conditions))


def forward_of(front):
    """The one action of a listener without rules."""
    return front.routes[-1][1]


def choose_pool(engine, forward, request=None):
    """A target group by weight, or the one of the client's cookie; None when all weigh nothing."""
    weighted = {pool.id: weight for pool, weight in forward.pools if weight > 0}
    if not weighted:
        return None
    chosen = None
    if forward.sticky and request:
        tokens = request.cookies(GROUP_COOKIE)
        chosen = next((pool_id for pool_id in weighted if token_of(pool_id) in tokens), None)
    if chosen is None:
        turns = engine.turns.setdefault(tuple(pool.id for pool, _ in forward.pools), {})
        chosen = next_turn(turns, weighted) if len(weighted) > 1 else next(iter(weighted))
    return next(pool for pool, _ in forward.pools if pool.id == chosen)


def choose_backend(engine, forward, request=None):
    """A healthy target, or None."""
    pool = choose_pool(engine, forward, request)
    return choose_in(engine, pool, request) if pool else None


def choose_in(engine, pool, request):
    if not pool.backends:
        return None
    by_key = {backend.key: backend for backend in pool.backends}
    if pool.sticky and request:
        tokens = request.cookies(TARGET_COOKIE)
        for backend in pool.backends:
            if token_of(backend.key) in tokens:
                return backend
    now = time.time()
    turns = engine.turns.setdefault(pool.id, {})
    return by_key[next_turn(turns, {backend.key: backend.weight(now) for backend in pool.backends})]


def cookies_for(forward: Forward, pool, backend):
    """Set-Cookie headers that keep the client where it is."""
    found = []
    for name, value, seconds in ((TARGET_COOKIE, backend.key, pool.sticky), (GROUP_COOKIE, pool.id, forward.sticky)):
        if seconds:
            when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + seconds))
            found.append(("Set-Cookie", f"{name}={token_of(value)}; Expires={when}; Path=/"))
    return found
