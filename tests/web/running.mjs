// needs: app
/** Commands are run by their forms: the plan first, then the job; again as before; stopped; and what ends instances is asked twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible, assertNoTrouble, call, known, logIn, openPage, startBrowser, stopBrowser, until } from "./browser.mjs";

before(startBrowser);
after(stopBrowser);

const jobAt = async (page) => {
    await page.waitForURL(/\/web\/jobs\/[0-9a-f]{24}$/);
    return (await call("GET", `/jobs/${page.url().slice(-24)}`)).json;
};
const ended = (page, words) => page.getByRole("heading", { level: 1, name: words }).waitFor();

test("deploy: revisions to choose from, the plan, the job, and the same again", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}/run`);
    await page.getByRole("link", { name: "Deploy", exact: true }).click();
    await page.getByRole("button", { name: "v2", exact: true }).click();
    assert.equal(await page.getByLabel("Revision of site").inputValue(), "v2");
    await page.getByLabel("Batches", { exact: true }).selectOption("1by1");
    await page.getByText("Now: 2 batches of 1").waitFor();

    await page.getByLabel("Must stay healthy").fill("many");
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByText(/^min_healthy 'many'/).waitFor();
    await page.getByLabel("Must stay healthy").fill("1");
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByRole("heading", { name: "The plan" }).waitFor();
    await page.getByText("Page two").first().waitFor();
    await page.getByText("2 batches", { exact: true }).waitFor();
    await assertAccessible(page, "the plan");
    await page.getByRole("button", { name: "Deploy", exact: true }).click();

    const job = await jobAt(page);
    assert.deepEqual([job.options, job.modules.map(({ name, rev }) => [name, rev])], [["serial", "1by1", "min_healthy=1"], [["site", "v2"]]]);
    await ended(page, /done/);
    await page.getByText(/^Deployment OK/).waitFor();

    await page.getByRole("link", { name: "Run again" }).click();
    await until("the former values", async () => (await page.getByLabel("Revision of site").inputValue()) === "v2");
    assert.deepEqual([await page.getByLabel("Batches", { exact: true }).inputValue(), await page.getByLabel("Must stay healthy").inputValue()], ["1by1", "1"]);
    assertNoTrouble(page);
    await page.context().close();
});

test("a deploy that waits for an approval goes on when somebody approves, and is not offered to approve when it does not", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}/run/deploy`);
    await page.getByRole("button", { name: "v1", exact: true }).click();
    await page.getByLabel("Batches", { exact: true }).selectOption("1by1");
    await page.getByLabel("Waits for an approval").selectOption("first");
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByRole("button", { name: "Deploy", exact: true }).click();
    const job = await jobAt(page);
    assert.deepEqual(job.options, ["serial", "1by1", "approve=first"]);

    await ended(page, /needs approval/);
    await page.getByText(/The job waits for an approval.*batch 1 of 2 is done, 1 of 2 instances are left/).waitFor();
    await assertAccessible(page, "a job that asks");
    const approve = page.getByRole("button", { name: "Approve", exact: true });
    await approve.click();
    await page.getByRole("dialog").getByText(/batch 1 of 2 is done/).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await ended(page, /done/);
    assert.equal(await approve.count(), 0);
    await page.getByText(/^Approved by/).first().waitFor();

    await page.goto("/web/jobs");
    assert.equal(await page.getByText("needs approval").count(), 0);
    assertNoTrouble(page);
    await page.context().close();
});

test("redeploy of the deployment in the address", async () => {
    const first = (await call("GET", "/deployments?sort=timestamp&max_results=1")).json._items[0];
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}/run/redeploy?deployment=${first._id}`);
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByRole("button", { name: "Redeploy", exact: true }).click();
    assert.deepEqual((await jobAt(page)).options, [first._id, "serial"]);
    await ended(page, /done/);
    await page.context().close();
});

test("a script that runs is cancelled, and found in the list", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}/run/executescript`);
    const script = page.getByRole("textbox", { name: "Script" });
    await until("the editor", async () => (await script.evaluate((one) => one.tagName)) !== "TEXTAREA");
    await script.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText("#!/bin/sh\necho it begins\nsleep 300\n");
    await page.getByRole("button", { name: "See the plan" }).click();
    await page.getByRole("button", { name: "Run the script" }).click();
    await jobAt(page);
    await page.getByText("it begins").first().waitFor();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await ended(page, /cancelled/);

    await page.goto("/web/jobs");
    await page.getByLabel("Status").selectOption("cancelled");
    await page.waitForURL(/status=cancelled/);
    await until("one job alone", async () => (await page.getByRole("row").count()) === 2);
    await page.getByRole("row").nth(1).getByText("Run a script").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("No job is like that").waitFor();
    assertNoTrouble(page);
    await page.context().close();
});

test("instances are ended by whoever types the application's name, and by nobody else", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}/run/destroyinstance?instance=${known.instance_id}`);
    await page.getByRole("button", { name: "See the plan" }).click();
    const destroy = page.getByRole("button", { name: "Destroy the instance" });
    assert.equal(await destroy.isDisabled(), true);
    await page.getByLabel(/^Type the application's name/).fill("sho");
    assert.equal(await destroy.isDisabled(), true);
    await page.getByLabel(/^Type the application's name/).fill("shop");
    await destroy.click();
    assert.deepEqual((await jobAt(page)).options, [known.instance_id]);
    await ended(page, /done/);
    await page.context().close();
});

test("a viewer runs nothing", async () => {
    const page = await openPage();
    await logIn(page, "viewer");
    await page.goto(`/web/apps/${known.app_id}/run/deploy`);
    await page.getByText("Your role may look at applications").waitFor();
    assert.equal(await page.getByRole("button", { name: "See the plan" }).count(), 0);
    await page.context().close();
});
