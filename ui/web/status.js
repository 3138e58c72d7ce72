// What there is and what goes on, read from the REST API; the browser asks for name and password itself.
"use strict";

const REFRESH_MS = 3000;
const LOG_MAX_LINES = 5000;
let stream = null;

async function read(path, also) {
  const answer = await fetch(location.origin + path, { headers: { Accept: "application/json" } });
  if (!answer.ok && answer.status !== also) throw new Error(`${path.split("?")[0]}: ${answer.status}`);
  return answer.json();
}

const list = async (path) => (await read(path))._items;

function cell(value, className) {
  const td = document.createElement("td");
  if (value instanceof Node) td.append(value);
  else td.textContent = value ?? "";
  if (className) td.className = className;
  return td;
}

function fill(id, headers, rows, empty) {
  const table = document.getElementById(id);
  const head = document.createElement("tr");
  for (const header of headers) {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = header;
    head.append(th);
  }
  const body = rows.map((cells) => {
    const tr = document.createElement("tr");
    tr.append(...cells);
    return tr;
  });
  if (!rows.length) {
    const tr = document.createElement("tr");
    const td = cell(empty);
    td.colSpan = headers.length;
    tr.append(td);
    body.push(tr);
  }
  table.replaceChildren(head, ...body);
}

function showLog(job) {
  if (stream) stream.close();
  const log = document.getElementById("log");
  document.getElementById("log-section").hidden = false;
  document.getElementById("log-title").textContent = `Log of ${job.command} ${job._id}`;
  log.textContent = "";
  stream = new EventSource(`${location.origin}/jobs/${job._id}/logs/stream`);
  stream.onmessage = (event) => {
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.append(`${event.data}\n`);
    while (log.childNodes.length > LOG_MAX_LINES) log.firstChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  };
  stream.addEventListener("end", () => stream.close());
  log.scrollIntoView({ block: "nearest" });
}

function logButton(job) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = job.command;
  button.addEventListener("click", () => showLog(job));
  return button;
}

const nameOf = (app) => (app && app.name ? `${app.name} / ${app.env} / ${app.role}` : "(deleted)");
const releases = (instance) => (instance.modules ?? []).map((m) => `${m.module} ${m.revision || "–"}`).join(", ");

async function refresh() {
  const embedded = `embedded=${encodeURIComponent('{"app_id":1}')}`;
  try {
    const [health, apps, instances, jobs] = await Promise.all([
      read("/health", 503),
      list("/apps?sort=-_updated&max_results=50"),
      list(`/instances?sort=-_updated&max_results=100&${embedded}`),
      list(`/jobs?sort=-_created&max_results=25&${embedded}`),
    ]);
    const alive = instances.filter((i) => i.state !== "gone");
    const still = health.breakers ?? [];
    document.getElementById("breakers-section").hidden = still.length === 0;
    fill("breakers", ["Group", "Application", "Since", "Failures", "Last reason", "What to do"], still.map((b) =>
      [cell(b.group), cell(b.app), cell(b.since ? new Date(b.since).toLocaleString() : ""), cell(b.failures),
        cell(b.reason, "failed"), cell(b.remedy)]), "");
    fill("apps", ["Application", "Image", "Modules"], apps.map((app) =>
      [cell(nameOf(app)), cell(app.ami ?? "none yet"), cell((app.modules ?? []).map((m) => m.name).join(", "))]),
      "None yet: ghost app create FILE");
    fill("instances", ["Instance", "Application", "Address", "State", "Agent", "Releases", "Reason"], alive.map((i) =>
      [cell(i.instance_id), cell(nameOf(i.app_id)), cell(i.private_ip), cell(i.state, i.state),
        cell(i.connected ? "connected" : "away"), cell(releases(i)), cell(i.reason, i.state)]),
      "None yet: ghost createinstance APP");
    fill("jobs", ["Command", "Application", "Status", "User", "Created", "Message"], jobs.map((job) =>
      [cell(logButton(job)), cell(nameOf(job.app_id)), cell(job.status, job.status), cell(job.user),
        cell(new Date(job._created).toLocaleString()), cell(job.message)]),
      "None yet");
    document.getElementById("summary").textContent =
      `${health.status === "ok" ? "" : `Not well: ${health.reason}. `}` +
      `${alive.filter((i) => i.connected).length} of ${alive.length} agents connected`;
  } catch (error) {
    document.getElementById("summary").textContent = `No answer (${error.message}); trying again`;
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh();
