"""The scenario of test_clients.py with a client that openapi-python-client made of the served description:
with_generated.py URL TOKEN RECIPE, the client's package "ghost_client" in the current folder."""
import json
import sys

sys.path.insert(0, ".")

from ghost_client import AuthenticatedClient
from ghost_client.api.apps import create_app, get_app, list_apps, update_app
from ghost_client.api.commands import list_app_commands
from ghost_client.api.health import show_health
from ghost_client.api.job_logs import get_job_log
from ghost_client.api.jobs import cancel_job, create_job, get_job
from ghost_client.models import App, AppInsert, AppPatch, AppPage, Error, JobInsert, Receipt, Refusal

url, token, recipe = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])

with AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True) as client:
    assert show_health.sync(client=client).status == "ok"
    receipt = create_app.sync(client=client, body=AppInsert.from_dict(recipe["app"]))
    assert isinstance(receipt, Receipt), receipt
    twice = create_app.sync(client=client, body=AppInsert.from_dict(recipe["app"]))
    assert isinstance(twice, Refusal) and twice.field_error.code == 409, twice
    wrong = create_app.sync(client=client, body=AppInsert.from_dict(recipe["app"] | {"vpc_id": "x"}))
    assert "vpc_id" in wrong.field_issues.additional_properties, wrong
    app_id = receipt.field_id

    page = list_apps.sync(client=client, where=json.dumps({"name": recipe["app"]["name"]}), max_results=5)
    assert isinstance(page, AppPage) and [app.field_id for app in page.field_items] == [app_id]
    assert page.field_meta.total == 1

    app = get_app.sync(app_id, client=client)
    assert isinstance(app, App) and app.modules[0].source.protocol == "git", app
    changes = AppPatch(description="by a generated client")
    changed = update_app.sync(app_id, client=client, body=changes, if_match=app.field_etag)
    assert isinstance(changed, Receipt) and changed.field_version == 2, changed
    stale = update_app.sync_detailed(app_id, client=client, body=changes, if_match=app.field_etag)
    assert stale.status_code == 412
    assert get_app.sync(app_id, client=client).description == "by a generated client"
    unknown = get_app.sync("0" * 24, client=client)
    assert isinstance(unknown, Error) and unknown.field_error.code == 404, unknown
    assert ["deploy", "Deploy module(s)"] in list_app_commands.sync(app_id, client=client)

    job = create_job.sync(client=client, body=JobInsert.from_dict(recipe["job"] | {"app_id": app_id}))
    job_id = job.field_id
    assert get_job.sync(job_id, client=client).status == "init"
    print(job_id, flush=True)
    sys.stdin.readline()
    assert get_job_log.sync_detailed(job_id, client=client).content == b"one\ntwo\n"
    refused = cancel_job.sync(job_id, client=client)
    assert isinstance(refused, Refusal) and refused.field_error.code == 422, refused
