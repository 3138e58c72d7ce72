"""The scenario of test_clients.py with python-requests: with_requests.py URL TOKEN RECIPE."""
import json
import sys

import requests

url, token, recipe = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


def call(method, path, status, **more):
    answer = session.request(method, url + path, timeout=20, **more)
    assert answer.status_code == status, (method, path, answer.status_code, answer.text)
    return answer


with requests.Session() as session:
    session.headers["Authorization"] = f"Bearer {token}"
    app_id = call("POST", "/apps", 201, json=recipe["app"]).json()["_id"]
    found = call("GET", "/apps", 200, params={"where": json.dumps({"name": recipe["app"]["name"]})})
    assert [app["_id"] for app in found.json()["_items"]] == [app_id]
    assert found.headers["X-Total-Count"] == "1"

    app = call("GET", f"/apps/{app_id}", 200).json()
    patch = {"description": "by requests"}
    call("PATCH", f"/apps/{app_id}", 428, json=patch)
    call("PATCH", f"/apps/{app_id}", 200, json=patch, headers={"If-Match": app["_etag"]})
    call("PATCH", f"/apps/{app_id}", 412, json=patch, headers={"If-Match": app["_etag"]})
    item = call("GET", f"/apps/{app_id}", 200)
    assert item.json()["description"] == "by requests"
    call("GET", f"/apps/{app_id}", 304, headers={"If-None-Match": item.headers["ETag"]})

    job = recipe["job"] | {"app_id": app_id}
    job_id = call("POST", "/jobs", 201, json=job).json()["_id"]
    embedded = call("GET", f"/jobs/{job_id}", 200, params={"embedded": '{"app_id":1}'}).json()
    assert embedded["app_id"]["name"] == recipe["app"]["name"]
    print(job_id, flush=True)
    sys.stdin.readline()  # the job has a log now
    assert call("GET", f"/jobs/{job_id}/logs", 200).text == "one\ntwo\n"
    assert call("GET", f"/jobs/{job_id}/logs", 206, headers={"Range": "bytes=4-"}).text == "two\n"
    lines = []
    with session.get(f"{url}/jobs/{job_id}/logs/stream", stream=True, timeout=20) as stream:
        for line in stream.iter_lines(decode_unicode=True):
            if line.startswith("event: end"):
                break
            if line.startswith("data: "):
                lines.append(line[6:])
    assert lines == ["one", "two"], lines
