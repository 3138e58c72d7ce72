#!/bin/bash
# A web server for the demo, installed while the image is built; its version is the port it serves on.
# In the sandbox it is kept running by the instance; elsewhere this would be a package and its systemd unit.
set -euo pipefail

root=${GHOST_ROOT_DIR:-}
port=${GHOST_FEATURE_VERSION:-8180}
services=$root/etc/ghost-sandbox/services
mkdir -p "$services" "$root/etc/webserver"
echo "$port" >"$root/etc/webserver/port"

cat >"$services/.webserver" <<'CODE'
#!/usr/bin/python3
"""Serves /srv/webfront/public on the instance's own address; greets as /etc/webfront/webfront.conf says."""
import html
import http.server
import os
import pathlib
import urllib.request

ROOT = pathlib.Path(os.environ.get("GHOST_ROOT_DIR") or "/")
METADATA = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def metadata(path):
    ask = urllib.request.Request(METADATA + "/latest/api/token", method="PUT",
                                 headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    token = OPENER.open(ask, timeout=5).read().decode()
    ask = urllib.request.Request(METADATA + "/latest/meta-data/" + path, headers={"X-aws-ec2-metadata-token": token})
    return OPENER.open(ask, timeout=5).read().decode()


def setting(name, fallback):
    try:
        lines = (ROOT / "etc/webfront/webfront.conf").read_text().splitlines()
    except OSError:
        return fallback
    found = dict(map(str.strip, line.split("=", 1)) for line in lines if "=" in line and not line.startswith("#"))
    return found.get(name, fallback)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = {"/": "index.html", "/VERSION": "VERSION"}.get(self.path)
        try:
            # The link is followed at each request: a switch of releases needs no restart.
            body = (ROOT / "srv/webfront/public" / name).read_text() if name else None
        except OSError:
            body = None
        if body is None:
            self.send_error(404)
            return
        body = body.replace("@GREETING@", html.escape(setting("greeting", "Hello"))).replace("@INSTANCE@", INSTANCE)
        body = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if name.endswith(".html") else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


INSTANCE = metadata("instance-id")
PORT = int((ROOT / "etc/webserver/port").read_text())
http.server.ThreadingHTTPServer((metadata("local-ipv4"), PORT), Handler).serve_forever()
CODE
chmod 755 "$services/.webserver"
mv "$services/.webserver" "$services/webserver"
echo "installed the web server for port $port"
