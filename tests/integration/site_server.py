"""The server of the site that these tests deploy: a feature that a bake puts on the image, where it is kept running.

It serves /srv/site/page.html of the release that is live, from the instance's private address. Its process is in /site.pid; a release
with the file "sick" in it is not well at /well."""

PORT = 8480
SERVER = """#!/bin/sh
set -e
mkdir -p "$GHOST_ROOT_DIR/etc/ghost-sandbox/services"
cat >"$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site" <<'CODE'
#!/usr/bin/python3
import http.server, os, pathlib, urllib.request
root = pathlib.Path(os.environ.get("GHOST_ROOT_DIR") or "/")
(root / "site.pid").write_text(str(os.getpid()))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
base = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254") + "/latest/"
token = opener.open(urllib.request.Request(base + "api/token", method="PUT",
                    headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}), timeout=5).read().decode()
address = opener.open(urllib.request.Request(base + "meta-data/local-ipv4",
                      headers={"X-aws-ec2-metadata-token": token}), timeout=5).read().decode()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        try:
            status, body = 200, (root / "srv/site/page.html").read_bytes()
        except OSError:
            status, body = 503, b""
        if self.path == "/well" and (root / "srv/site/sick").exists():
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer((address, %d), Handler).serve_forever()
CODE
chmod 755 "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site"
mv "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site" "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/site"
if [ "$(cat /proc/1/comm)" = systemd ]; then
    printf '[Unit]\nAfter=network-online.target\n[Service]\nExecStart=/etc/ghost-sandbox/services/site\nRestart=always\nRestartSec=1\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/site.service
    systemctl enable site
fi
""" % PORT
