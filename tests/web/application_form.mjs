// needs: app
/** An application is made, changed, changed by two at once, and deleted, all by its form. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertNoTrouble, call, known, logIn, openPage, startBrowser, stopBrowser } from "./browser.mjs";

before(startBrowser);
after(stopBrowser);

const field = (page, path) => page.locator(`[data-path="${path}"]`).locator("input, select, textarea").first();
const focused = (page) => page.evaluate(() => document.activeElement.closest(".cell")?.dataset.path);
const stored = async (id) => (await call("GET", `/apps/${id}`)).json;

async function choose(page, path) {
    await field(page, path).click();
    await page.locator(`[data-path="${path}"] [role=option]`).first().click();
    return field(page, path).inputValue();
}

/** Tells where it is by itself: what is wrong, the first of it in the focus. */
async function save(page, name, wrong) {
    await page.getByRole("button", { name, exact: true }).click();
    if (!wrong) return;
    await page.locator(`[data-path="${wrong}"] .issue`).first().waitFor();
    await page.waitForFunction((path) => document.activeElement.closest(".cell")?.dataset.path === path, wrong);
}

async function openForm(page, id, more = "") {
    await page.goto(`/web/apps/${id}/edit${more}`);
    await page.getByRole("button", { name: "Save", exact: true }).waitFor();
}

test("a new application, from what is missing to what is wrong to what is there", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto("/web/apps/new");
    await save(page, "Create application", "name");
    assert.equal(await page.locator(".issue").count(), 5, "name, environment, role, VPC, subnet");

    await field(page, "name").fill("made");
    await field(page, "env").fill("dev");
    await field(page, "role").fill("webfront");
    assert.match(await choose(page, "vpc_id"), /^vpc-/);
    assert.match(await choose(page, "build_infos.subnet_id"), /^subnet-/);
    await page.getByText("Find an image of another owner").click();
    await page.getByLabel("Name of images").fill("*");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.locator(".found button").first().click();
    assert.match(await field(page, "build_infos.source_ami").inputValue(), /^ami-/);

    await page.getByRole("button", { name: "Add a module" }).click();
    await page.waitForFunction(() => document.activeElement.closest(".cell")?.dataset.path === "modules.0.name");
    await page.keyboard.type("site");
    await field(page, "modules.0.path").fill("/var");
    await page.getByText("/var belongs to the system").waitFor();
    await field(page, "modules.0.source.url").fill(known.repository);
    await page.getByRole("button", { name: "Write a script: On the instance, after the switch (post_deploy)" }).click();
    const editor = page.locator('[data-path="modules.0.post_deploy"] .cm-content');
    await editor.waitFor();
    await page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.classList.contains("cm-content"));
    await page.keyboard.type("#!/bin/sh\necho “typed” quickly\n");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.shadowRoot), null, "Escape leaves the editor");
    await page.getByRole("button", { name: "Add a tag" }).click();

    await save(page, "Create application", "modules.0.path");
    await field(page, "modules.0.path").fill("/srv/site");
    await page.getByRole("button", { name: "Create application" }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    const app = await stored(page.url().split("/").at(-1));
    assert.equal(app.name, "made");
    assert.equal(Buffer.from(app.modules[0].post_deploy, "base64").toString(), "#!/bin/sh\necho “typed” quickly\n");
    assert.deepEqual(app.environment_infos.instance_tags, [{ tag_name: "Name", tag_value: "ec2.dev.webfront.made" }]);
    assert.equal(app.environment_infos.root_block_device.size, 20);
    assertNoTrouble(page);
    await page.context().close();
});

test("a copy takes everything but what is its own", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/new?clone_from=${known.app_id}`);
    await field(page, "name").fill("copy");
    await page.getByRole("button", { name: "Create application" }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    const copy = await stored(page.url().split("/").at(-1));
    const model = await stored(known.app_id);
    assert.equal(copy.modules[0].post_deploy, model.modules[0].post_deploy);
    assert.deepEqual(copy.environment_infos.instance_tags, [{ tag_name: "Name", tag_value: `ec2.${model.env}.${model.role}.copy` }]);
    await page.context().close();
});

test("as JSON and as a form it is the same", async () => {
    const page = await openPage();
    await logIn(page);
    await openForm(page, known.app_id);
    await field(page, "description").fill("From the form");
    await page.getByRole("link", { name: "JSON" }).click();
    const text = page.locator(".cm-content");
    await text.click();
    // What is not in sight is not on the page.
    await page.keyboard.press("Control+End");
    await page.getByText('"From the form"').waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText('{\n"name": "shop",\n"env" "dev"\n}');
    await page.getByText(/^Line 3, column \d+: /).waitFor();
    assert.equal(await page.getByRole("button", { name: "Save", exact: true }).isDisabled(), true);
    const now = await stored(known.app_id);
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(JSON.stringify({ ...now, description: "From the JSON", surprise: 1 }, null, 2));
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("unknown field").waitFor();
    await page.locator(".cm-wrong", { hasText: "surprise" }).waitFor();
    await text.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(JSON.stringify({ ...now, description: "From the JSON" }, null, 2));
    await page.getByRole("link", { name: "Form" }).click();
    assert.equal(await field(page, "description").inputValue(), "From the JSON");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    const after = await stored(known.app_id);
    assert.equal(after.description, "From the JSON");
    assert.deepEqual(after.modules, now.modules, "nothing else was sent");
    assertNoTrouble(page);
    await page.context().close();
});

test("what is not saved is not lost by a click, a step back or the end of the session", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/apps/${known.app_id}`);
    await page.getByRole("link", { name: "Edit" }).first().click();
    await field(page, "description").fill("Half written");
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    await page.getByRole("link", { name: "Jobs", exact: true }).first().click();
    await dialog.getByRole("button", { name: "Stay here" }).click();
    await page.goBack();
    await dialog.waitFor();
    assert.match(page.url(), /\/edit$/);
    await dialog.getByRole("button", { name: "Stay here" }).click();

    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in to Ghost" }).waitFor();
    await page.getByLabel("Name").fill(known.user);
    await page.getByLabel("Password").fill(known.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("is here again").waitFor();
    assert.equal(await field(page, "description").inputValue(), "Half written");
    await page.goBack();
    await dialog.getByRole("button", { name: "Leave" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
    await page.context().close();
});

test("two who change the same: told at once, shown as a diff, chosen one by one", async () => {
    const page = await openPage();
    await logIn(page);
    await openForm(page, known.app_id);
    await page.getByText("Live").waitFor();
    await field(page, "description").fill("Mine");
    await page.getByRole("button", { name: /^site/ }).click();
    await field(page, "modules.0.uid").fill("33");
    const before = await stored(known.app_id);
    const [site] = before.modules.map(({ initialized, last_deployment, ...rest }) => rest);
    const theirs = { description: "Theirs", instance_monitoring: true, modules: [{ ...site, uid: 34 }] };
    assert.equal((await call("PATCH", `/apps/${known.app_id}`, theirs, { "If-Match": before._etag })).status, 200);
    await page.getByText("Somebody has changed this application").waitFor();

    await page.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Changed meanwhile" });
    await dialog.getByText("Taken over, since you did not touch it: Detailed monitoring").waitFor();
    await dialog.locator(".cm-changedText", { hasText: "Theirs" }).waitFor();
    await dialog.getByRole("group", { name: "Description", exact: true }).getByLabel("Take theirs").check();
    await dialog.getByRole("button", { name: "Save what is chosen" }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    const now = await stored(known.app_id);
    assert.deepEqual([now.description, now.instance_monitoring, now.modules[0].uid], ["Theirs", true, 33]);
    assertNoTrouble(page);
    await page.context().close();
});

test("modules are put in order by dragging, and by buttons", async () => {
    const page = await openPage();
    await logIn(page);
    const { json } = await call("POST", "/apps", {
        name: "order", env: "dev", role: "worker", vpc_id: "vpc-1",
        modules: ["a", "b", "c"].map((name) => ({ name, scope: "code", path: `/srv/${name}` })),
    });
    await openForm(page, json._id, "#modules");
    const names = () => page.locator("#modules .item-title strong").allInnerTexts();
    await page.locator('[data-path="modules.2"] .grip').dragTo(page.locator('[data-path="modules.0"]'));
    assert.deepEqual(await names(), ["c", "a", "b"]);
    await page.getByRole("button", { name: "Move b up" }).click();
    assert.deepEqual(await names(), ["c", "b", "a"]);
    await page.getByRole("button", { name: "Remove c" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    assert.deepEqual((await stored(json._id)).modules.map(({ name }) => name), ["b", "a"]);

    await openForm(page, json._id);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/web\/apps$/);
    assert.equal((await call("GET", `/apps/${json._id}`)).status, 404);
    await page.context().close();
});

test("features: each provisioner has its own words, and parameters are checked while one writes", async () => {
    const page = await openPage();
    await logIn(page);
    const { json } = await call("POST", "/apps", { name: "baked", env: "dev", role: "worker", vpc_id: "vpc-1", features: [{ name: "known-one", provisioner: "shell", parameters: { "listen-port": 80 } }] });
    await openForm(page, json._id, "#features");
    await page.getByRole("button", { name: /^known-one/ }).click();
    await page.getByText("GHOST_FEATURE_LISTEN_PORT").waitFor();
    const text = page.locator('[data-path="features.0.parameters"] .cm-content');
    const write = async (words) => {
        await text.click();
        await page.keyboard.press("Control+a");
        // Else the browser would give the new text the colours of the old one, which the policy refuses.
        await page.keyboard.press("Delete");
        await page.keyboard.insertText(words);
    };
    await write("port: 80\nall: [1,\n");
    await page.locator('[data-path="features.0.parameters"] .issue').waitFor();
    await save(page, "Save", "features.0.parameters");
    await write("port: 8080\nversion: 1.10\n");
    await page.getByText("1.10 is the number 1.1 here").waitFor();
    await write('port: 8080\nversion: "1.10"\n');
    await page.getByText("is the number").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    await text.getByText('"1.10"').waitFor();

    await page.getByRole("button", { name: "Add a feature" }).click();
    await page.waitForFunction(() => document.activeElement.closest(".cell")?.dataset.path === "features.1.provisioner");
    assert.equal(await page.locator('[data-path="features.1.parameters"] button').count(), 0, "a package has no parameters");
    await field(page, "features.1.provisioner").selectOption("shell");
    await field(page, "features.1.name").click();
    await page.locator('[data-path="features.1.name"] [role=option]', { hasText: "known-one" }).click();
    await field(page, "features.1.provisioner").selectOption("package");
    await field(page, "features.1.name").fill("two words");
    await page.getByText("the controller refuses others").waitFor();
    await field(page, "features.1.name").fill("nginx");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/\/web\/apps\/[0-9a-f]{24}$/);
    const kept = (await stored(json._id)).features.map(({ name, provisioner, parameters }) => [name, provisioner, parameters]);
    assert.deepEqual(kept[0], ["known-one", "shell", { port: 8080, version: "1.10" }]);
    assert.deepEqual(kept[1].slice(0, 2), ["nginx", "package"]);
    assertNoTrouble(page);
    await page.context().close();
});

test("what deleting means is said before, on its page as well", async () => {
    const page = await openPage();
    await logIn(page);
    for (const address of [`/web/apps/${known.app_id}/edit`, `/web/apps/${known.app_id}`]) {
        await page.goto(address);
        await page.getByRole("button", { name: "Delete…" }).click();
        await page.getByRole("dialog").getByText("2 instances run for it").waitFor();
        await page.keyboard.press("Escape");
        assert.equal(await page.getByRole("dialog").count(), 0);
    }
    const { json } = await call("POST", "/apps", { name: "short", env: "dev", role: "worker", vpc_id: "vpc-1" });
    await page.goto(`/web/apps/${json._id}`);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/web\/apps$/);
    assert.equal((await call("GET", `/apps/${json._id}`)).status, 404);
    assert.equal((await call("GET", `/apps/${known.app_id}`)).status, 200);
    await page.context().close();
});

test("an account that only looks gets no form", async () => {
    const page = await openPage();
    await logIn(page, "viewer");
    for (const address of ["/web/apps/new", `/web/apps/${known.app_id}/edit`]) {
        await page.goto(address);
        await page.getByText("this account only looks").waitFor();
        assert.equal(await page.locator("main form").count(), 0, address);
    }
    await page.context().close();
});
