"""The REST side of the controller alone, started for one test: see rest_server.c for the orders it takes."""
import http.client
import http.server
import json
import subprocess
import threading


class RestServer:
    def __init__(self, program, folder, *tls_files, stderr=None):
        self.process = subprocess.Popen([program, folder, *tls_files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True)
        self.port = int(self.process.stdout.readline())

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer.split()[0] == "ok", f"{line}: {answer}"
        return answer[3:]

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        assert status == 0, f"the server ended with {status}"


class Recorder:
    """Stands before the server: passes on what only reads, keeps what is posted and answers it with an id."""

    def __init__(self, port):
        recorder = self
        self.posted = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", self.path, headers={"Authorization": self.headers["Authorization"]})
                answer = connection.getresponse()
                self.answer(answer.status, answer.read())
                connection.close()

            def do_POST(self):
                recorder.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer(201, b'{"_id": "0123456789abcdef01234567", "_status": "OK"}')

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
