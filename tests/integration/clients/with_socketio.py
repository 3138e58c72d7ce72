"""Follows the log of a job as the original's Python client does: socketIO-client, with_socketio.py PORT JOB TOKEN
TRANSPORT. Writes what it hears until nobody reads on."""
import base64
import sys

from socketIO_client import SocketIO

port, job, token, transport = sys.argv[1:]
with SocketIO("127.0.0.1", int(port), transports=[transport], wait_for_connection=False) as client:

    def hear(event):
        sys.stdout.buffer.write(base64.b64decode(event["raw"]))
        sys.stdout.flush()

    client.emit("job_logging", {"log_id": job, "last_pos": 0, "raw_mode": True, "auth_token": token})
    client.on("job", hear)
    for _ in range(20):
        client.wait(seconds=1)
