"""The peer that items.py measures against: one item by its id from SQLite, for the bearer of a token, as one would
write it with Flask."""
import hashlib
import json
import os
import sqlite3
import threading

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
connections = threading.local()


def database():
    if not hasattr(connections, "one"):
        connections.one = sqlite3.connect(os.environ["PEER_DATABASE"])
    return connections.one


@app.get("/apps/<identity>")
def item(identity):
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = database().execute("SELECT 1 FROM tokens WHERE hash = ?", (hashlib.sha256(token.encode()).hexdigest(),))
    if not known.fetchone():
        abort(401)
    row = database().execute("SELECT doc FROM apps WHERE id = ?", (identity,)).fetchone()
    return jsonify(json.loads(row[0])) if row else abort(404)
