// needs: app
/** Every page, at both widths and in both themes: it shows what it should, fits, and is for everybody. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { assertAccessible, assertFits, assertNoTrouble, call, known, logIn, openPage, startBrowser, stopBrowser, until } from "./browser.mjs";

let deployment;
let webhook;
let baked;
let lanes;

before(async () => {
    await startBrowser();
    deployment = (await call("GET", "/deployments")).json._items[0]._id;
    webhook = (await call("POST", "/webhooks", { app_id: known.app_id, module: "site", rev: "^main$", events: ["push"], commands: ["deploy"] })).json._id;
    const push = { ref: "refs/heads/other", after: "a".repeat(40), repository: { url: known.repository, clone_url: known.repository } };
    const called = await call("POST", `/webhooks/${webhook}/invocations`, push, { "X-GitHub-Event": "push" });
    assert.ok((await call("GET", `/webhooks/${webhook}/invocations`)).json._items.length, called.text);
    const features = [
        { name: "node-exporter", version: "1.8", provisioner: "shell", parameters: { "listen-port": 9100, collectors: ["cpu", "filesystem"] } },
        { name: "nginx", provisioner: "package" },
    ];
    baked = (await call("POST", "/apps", { name: "baked", env: "staging", role: "worker", vpc_id: "vpc-1", features })).json._id;
    lanes = readFileSync(`${known.data}/logs/${known.job_id}.txt`, "utf8").match(/(?<=^\[)i-[0-9a-f]+/gm);
});
after(stopBrowser);

/** Address and the words by which one knows that it is there. */
const pages = () => [
    ["/web/apps", "current"],
    [`/web/apps/${known.app_id}`, known.instance_id],
    [`/web/apps/${known.app_id}/modules`, "/srv/site"],
    [`/web/apps/${known.app_id}/deployments`, "Page one"],
    [`/web/apps/${known.app_id}/jobs`, "Create an instance"],
    [`/web/apps/${known.app_id}/settings`, "vpc_id"],
    ["/web/apps/new", "Create application"],
    [`/web/apps/new?clone_from=${known.app_id}`, "New application like"],
    [`/web/apps/${known.app_id}/edit`, "Nothing changed"],
    [`/web/apps/${baked}/edit`, "node-exporter"],
    [`/web/apps/${known.app_id}/edit?view=json`, '"name"'],
    [`/web/apps/${known.app_id}/run`, "Run a command"],
    [`/web/apps/${known.app_id}/run/deploy`, "site"],
    [`/web/apps/${known.app_id}/run/executescript`, "Script"],
    ["/web/jobs", "Create an instance"],
    [`/web/jobs/${known.job_id}`, "serving one"],
    [`/web/jobs/${known.job_id}?lanes=${[...new Set(lanes)].join(",")}`, "serving one"],
    ["/web/deployments", "Page one"],
    [`/web/deployments/${deployment}`, "wanted now"],
    ["/web/instances", known.instance_id],
    [`/web/instances/${known.instance_id}`, "post_deploy"],
    ["/web/webhooks", "^main$"],
    ["/web/webhooks/new", "Choose one"],
    [`/web/webhooks/${webhook}/edit`, "Save"],
    [`/web/webhooks/${webhook}/invocations`, "Payload"],
    ["/web/webhooks/invocations", "Payload"],
    ["/web/accounts", "operator"],
    ["/web/me", "The one you have"],
    ["/web/audit", "create"],
    ["/web/health", "Agents connected"],
    ["/web/nowhere", "There is no such page"],
];

/** One is folded until it is looked at, and its editor is loaded then. */
async function showFeature(page) {
    await page.getByRole("button", { name: /^node-exporter/ }).click();
    await page.getByText("GHOST_FEATURE_LISTEN_PORT").waitFor();
    await page.locator('[data-path="features.0.parameters"] .cm-content').waitFor();
}

for (const [width, height, theme] of [
    [1280, 800, "light"],
    [1280, 800, "dark"],
    [390, 844, "light"],
    [390, 844, "dark"],
])
    test(`every page at ${width} pixels, ${theme}`, async () => {
        const page = await openPage({ width, height, theme });
        await page.goto("/web/");
        await page.getByRole("button", { name: "Log in" }).waitFor();
        await assertAccessible(page, "the login");
        await logIn(page);
        for (const [address, words] of pages()) {
            await page.goto(address);
            await page.getByText(words).first().waitFor({ state: "attached" });
            await page.waitForFunction(() => document.title.endsWith(" · Ghost"));
            if (address.includes(baked) && address.endsWith("edit")) await showFeature(page);
            await assertAccessible(page, address);
            await assertFits(page, address);
            if (process.env.GHOST_WEB_SHOTS) await page.screenshot({ path: `${process.env.GHOST_WEB_SHOTS}/${address.replace(/\W+/g, "_")}.${width}-${theme}.png`, fullPage: true });
        }
        assertNoTrouble(page);
        await page.context().close();
    });

test("a viewer is not offered what a viewer may not do", async () => {
    const page = await openPage();
    await logIn(page, "viewer");
    for (const [address, words] of pages().filter(([address]) => !/accounts|audit|new|edit|run|me$/.test(address))) {
        await page.goto(address);
        await page.getByText(words).first().waitFor({ state: "attached" });
        const offered = page.locator("main a.button").filter({ hasText: /^\s*(Run|Deploy|Edit|Clone|Go back|New|Destroy|Create)/ });
        assert.equal(await offered.count(), 0, `${address} offers ${await offered.allTextContents()}`);
        assert.equal(await page.locator("main").getByRole("button", { name: /Delete|Cancel|Remove/ }).count(), 0, address);
    }
    assert.deepEqual(await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents(), [
        "Applications",
        "Jobs",
        "Deployments",
        "Instances",
        "Webhooks",
        "Health",
    ]);
    await page.context().close();
});

test("the menu works on a phone, and by keyboard", async () => {
    const page = await openPage({ width: 390, height: 844 });
    await logIn(page);
    const link = page.getByRole("link", { name: "Health" });
    assert.equal(await link.isVisible(), false);
    await page.getByRole("button", { name: "Menu" }).focus();
    await page.keyboard.press("Enter");
    await link.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Health" }).waitFor();
    assert.equal(await link.isVisible(), false);
    await page.context().close();
});

test("of tabs that a phone has no room for, the current one is in sight", async () => {
    const page = await openPage({ width: 390, height: 844 });
    await logIn(page);
    for (const [path, name] of [
        ["settings", "Settings"],
        ["", "Overview"],
        ["jobs", "Jobs"],
    ]) {
        await page.goto(`/web/apps/${known.app_id}/${path}`);
        const tabs = page.locator("main .tabs");
        const current = tabs.locator("[aria-current]").filter({ hasText: name });
        await current.waitFor();
        assert.ok(await tabs.evaluate((one) => one.scrollWidth > one.clientWidth), "there are more tabs than room");
        await until(`${name} to be seen whole`, async () => {
            const [tab, bar] = [await current.boundingBox(), await tabs.boundingBox()];
            return tab.x >= bar.x && tab.x + tab.width <= bar.x + bar.width;
        });
        assert.equal(await page.evaluate(() => scrollY), 0);
    }
    await page.context().close();
});

test("what changes on the controller shows by itself", async () => {
    const page = await openPage();
    await logIn(page);
    await page.getByText("Live").waitFor();
    const name = `other-${Date.now()}`;
    const { json } = await call("POST", "/apps", { name, env: "dev", role: "worker", vpc_id: "vpc-1" });
    await page.getByRole("link", { name }).waitFor();
    await page.getByRole("link", { name: "Log out" }).count();
    await call("DELETE", `/apps/${json._id}`, undefined, { "If-Match": json._etag });
    await page.getByRole("link", { name }).waitFor({ state: "detached" });
    await page.context().close();
});

test("the policy lets nothing in but the controller's own files", async () => {
    const answer = await fetch(`${known.url}/web/`);
    const policy = answer.headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|data:|https?:/);
    const page = await openPage();
    await logIn(page);
    const elsewhere = [];
    page.on("request", (request) => !request.url().startsWith(known.url) && elsewhere.push(request.url()));
    await page.goto(`/web/apps/${known.app_id}`);
    await page.getByText(known.instance_id).waitFor();
    await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.wasRun = true";
        document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.wasRun), undefined);
    assert.deepEqual(elsewhere, []);
    await page.context().close();
});

test("twins are told apart by their colour", async () => {
    const page = await openPage();
    await logIn(page);
    await call("POST", "/apps", { name: "twins", env: "dev", role: "worker", vpc_id: "vpc-1", blue_green: { enable_blue_green: true } });
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "twins" }) });
    await row.filter({ hasText: "blue, online" }).waitFor();
    await row.filter({ hasText: "green" }).waitFor();
    assert.equal(await row.count(), 2);
    await page.context().close();
});
