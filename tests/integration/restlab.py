"""The REST side of the controller alone, started for one test: see rest_server.c for the orders it takes."""
import subprocess


class RestServer:
    def __init__(self, program, folder, *tls_files):
        self.process = subprocess.Popen([program, folder, *tls_files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
