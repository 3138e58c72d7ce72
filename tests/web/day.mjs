/** A newcomer's whole day, from an empty Ghost on: all of it in the browser, with real agents. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertNoTrouble, call, known, logIn, openPage, startBrowser, stopBrowser, until } from "./browser.mjs";

let page;
let appAddress;

before(async () => {
    await startBrowser();
    page = await openPage();
});
after(stopBrowser);

const field = (path) => page.locator(`[data-path="${path}"]`).locator("input, select, textarea").first();

async function choose(path) {
    await field(path).click();
    await page.locator(`[data-path="${path}"] [role=option]`).first().click();
}

/** Runs what the open form says, by way of its plan, and waits on the job's page for what comes of it. */
async function runAndWait(verb, status) {
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByRole("button", { name: verb, exact: true }).click();
    await page.waitForURL(/\/web\/jobs\/[0-9a-f]{24}/);
    if (status) await page.locator("h1 .badge", { hasText: status }).waitFor();
}

async function waitForLine(words) {
    await page.locator("main").getByText(words).first().waitFor();
}

async function setScript(script) {
    const editor = page.locator('[data-path="modules.0.post_deploy"] .cm-content');
    await page.goto(`${appAddress}/edit`);
    // What is well is folded.
    await page.locator('[data-path="modules.0"]').getByText("site", { exact: true }).click();
    const write = page.getByRole("button", { name: "Write a script: On the instance, after the switch (post_deploy)" });
    await write.or(editor).first().waitFor();
    if (await write.count()) await write.click();
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.type(script);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(appAddress);
}

test("in the morning: logs in, and is told what to do first", async () => {
    await page.goto("/web/jobs");
    await page.getByLabel("Name").fill(known.user);
    await page.getByLabel("Password").fill("not the one");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Wrong name or password").waitFor();
    await page.getByLabel("Password").fill(known.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("No jobs yet").waitFor();
    await page.getByRole("link", { name: "Applications" }).first().click();
    await page.getByRole("link", { name: "Create the first application" }).click();
});

test("creates the application by the form", async () => {
    await field("name").fill("demo");
    await field("env").fill("dev");
    await field("role").fill("webfront");
    await field("region").fill("eu-west-1");
    await choose("vpc_id");
    await choose("build_infos.subnet_id");
    await page.getByText("Find an image of another owner").click();
    await page.getByLabel("Name of images").fill("*");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.locator(".found button").first().click();
    await page.getByRole("button", { name: "Add a subnet" }).click();
    await choose("environment_infos.subnet_ids.0");
    await page.getByRole("button", { name: "Add a module" }).click();
    await field("modules.0.name").fill("site");
    await field("modules.0.path").fill("/srv/site");
    await field("modules.0.source.url").fill(known.repository);
    await page.getByRole("button", { name: "Create application" }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    appAddress = page.url();
    await page.getByText("never deployed").first().waitFor();
});

test("builds the image, with the log live", async () => {
    await page.getByRole("link", { name: "Build the image" }).click();
    await runAndWait("Build the image");
    await waitForLine(/is pending/);
    await page.locator("h1 .badge", { hasText: "done" }).waitFor();
});

test("creates two instances", async () => {
    for (let count = 1; count <= 2; count++) {
        await page.goto(`${appAddress}/run/createinstance`);
        await runAndWait("Create the instance", "done");
    }
    await page.goto(appAddress);
    const rows = page.getByRole("table", { name: "Instances and what they run" }).locator("tbody tr");
    await until("two instances that are ready", async () => (await rows.filter({ hasText: "ready" }).count()) === 2);
});

test("deploys v1 and sees who runs what", async () => {
    await page.getByRole("link", { name: "Deploy", exact: true }).first().click();
    const revision = page.getByLabel(/revision/i).first();
    await revision.fill("v1");
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.locator("main").getByText("Page one").first().waitFor();
    await page.getByRole("button", { name: "Deploy", exact: true }).click();
    await page.waitForURL(/\/web\/jobs\//);
    await waitForLine(/points to v1/);
    await page.locator("h1 .badge", { hasText: "done" }).waitFor();
    await page.goto(appAddress);
    await until("v1 on both", async () => (await page.locator("tbody .badge.good", { hasText: "v1" }).count()) === 2);
    await page.locator("h1").getByText("current").waitFor();
});

test("breaks a hook and reads why", async () => {
    await setScript("#!/bin/sh\necho the shop is closed\nexit 7\n");
    await page.goto(`${appAddress}/run/deploy`);
    await page.getByLabel(/revision/i).first().fill("v2");
    await runAndWait("Deploy", "failed");
    await waitForLine("the shop is closed");
    await waitForLine(/post_deploy exited with code 7/);
    await page.goto(appAddress);
    await until("both on v1 again", async () => (await page.locator("tbody .badge", { hasText: "v1" }).count()) === 2);
    await page.getByText("last deploy failed").first().waitFor();
});

test("mends it, deploys v2, and goes back to v1 by one gesture", async () => {
    await setScript("#!/bin/sh\necho the shop is open\n");
    await page.goto(`${appAddress}/run/deploy`);
    await page.getByLabel(/revision/i).first().fill("v2");
    await runAndWait("Deploy", "done");
    await page.goto(`${appAddress}/deployments`);
    await page.getByRole("listitem").filter({ hasText: "v1" }).getByRole("link", { name: "Go back to it" }).first().click();
    await runAndWait("Redeploy", "done");
    await page.goto(appAddress);
    await until("v1 on both", async () => (await page.locator("tbody .badge.good", { hasText: "v1" }).count()) === 2);
});

test("adds a webhook", async () => {
    await page.goto("/web/webhooks");
    await page.getByRole("link", { name: "New webhook" }).first().click();
    await page.getByLabel("Application").selectOption({ label: "demo/dev/webfront" });
    await page.getByLabel("Module").selectOption("site");
    await page.getByLabel("Revision").fill("[");
    await page.getByRole("button", { name: "Create webhook" }).click();
    await page.locator(".issue").first().waitFor();
    await page.getByLabel("Revision").fill("^v");
    await page.getByLabel("Secret").fill("a secret of some length");
    await page.getByRole("button", { name: "Create webhook" }).click();
    await page.getByText(`${known.url}/webhooks/`).waitFor();
});

test("cancels a job that takes too long", async () => {
    await page.goto(`${appAddress}/run/executescript`);
    const id = appAddress.split("/").at(-1);
    const script = Buffer.from("#!/bin/sh\necho begun\nsleep 600\n").toString("base64");
    const job = await call("POST", "/jobs", { command: "executescript", app_id: id, options: [script, "", "serial", ""] });
    assert.equal(job.status, 201, job.text);
    await page.goto(`/web/jobs/${job.json._id}`);
    await waitForLine(/\bbegun/);
    await page.getByRole("button", { name: /^Cancel/ }).first().click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.locator("h1 .badge", { hasText: "cancelled" }).waitFor();
});

test("in the evening: logs out, and nothing is shown any more", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await page.goto(appAddress);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    assert.equal(await page.getByText("demo").count(), 0);
    assertNoTrouble(page);
    await logIn(page, "viewer");
    await page.goto(appAddress);
    await page.locator("h1").getByText("dev").waitFor();
});
