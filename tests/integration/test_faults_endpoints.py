#!/usr/bin/env python3
"""Where AWS should be there is nobody, or somebody else."""
import contextlib
import socket
import ssl
import subprocess
import threading
import unittest

import ghostlab
from faultlab import FaultCase


class TlsServer:
    """Somebody with a certificate that nobody has vouched for."""

    def __init__(self, folder):
        key, certificate = folder / "somebody.key", folder / "somebody.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=somebody.example", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with contextlib.suppress(OSError), connection:
                    self.context.wrap_socket(connection, server_side=True).close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Endpoints(FaultCase):
    def reach(self, url):
        """From now on the controller believes AWS to be there."""
        self.lab.settings["aws.endpoint_url"] = url
        self.lab.write_settings()
        self.lab.restart_controller()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.reach, self.lab.endpoint)

    def ask(self):
        """The answer, however long the attempts take."""
        while (reply := self.lab.call("GET", "/aws/vpcs?region=eu-west-1")).status == 504:
            pass
        return reply

    def test_nobody_is_there(self):
        for url, words in ((f"http://127.0.0.1:{ghostlab.free_port()}", "Failed to connect"),
                           ("http://no-such-host.invalid", "Could not resolve host")):
            with self.subTest(url):
                self.reach(url)
                reply = self.ask()
                self.assertEqual(reply.status, 502, reply.body)
                message = reply.json["_error"]["message"]
                self.assertRegex(message, "^after [2-8] attempts: DescribeVpcs: ")
                self.assertIn(url, message)
                self.assertIn(words, message)

    def test_somebody_else_is_there(self):
        server = TlsServer(self.lab.folder)
        self.addCleanup(server.close)
        self.reach(server.url)
        reply = self.ask()
        message = reply.json["_error"]["message"]
        self.assertEqual(reply.status, 502, reply.body)
        # At the first attempt: asked again it would say the same.
        self.assertTrue(message.startswith(f"DescribeVpcs: POST {server.url}/: SSL certificate problem"), message)
        self.assertIn(f"set AWS_CA_BUNDLE to the certificates that {server.url.removeprefix('https://')} is to be believed by", message)
        job = self.lab.wait_job(self.lab.submit(self.app_id, "createinstance"), 30)
        self.assertEqual(job["status"], "failed")
        self.assertIn("AWS_CA_BUNDLE", job["message"])


if __name__ == "__main__":
    unittest.main()
