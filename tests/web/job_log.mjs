// needs: app
/** The log of a job: live, through a lost connection, and as quick with a million lines as with ten. */
import assert from "node:assert/strict";
import { createWriteStream, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { finished } from "node:stream/promises";
import { after, before, test } from "node:test";

import { assertAccessible, assertFits, assertNoTrouble, call, known, logIn, openPage, startBrowser, stopBrowser, until } from "./browser.mjs";
import { breakableWay } from "./breakable.mjs";

const LINES = 1_000_000;
const NEEDLES = [123_456, 777_778];
const COLOURS = /\x1b\[[0-9;]*m/g;

before(startBrowser);
after(stopBrowser);

const logOf = (id) => `${known.data}/logs/${id}.txt`;
const viewer = (page) => page.getByRole("region", { name: "Log" });
const footOf = (page) => page.locator(".log-foot").innerText();

/** As the file has it, without times and colours. */
const linesOf = (id) =>
    readFileSync(logOf(id), "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d GMT: /, "").replace(COLOURS, ""));

/** Number and text of all lines, gathered by scrolling through. */
async function readThrough(page) {
    const seen = new Map();
    await page.locator(".log-box").evaluate((box) => (box.scrollTop = 0));
    for (let ended = false; !ended; ) {
        await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
        const rows = await page.evaluate(() => [...document.querySelectorAll(".log-row:not([hidden])")].map((row) => [Number(row.querySelector(".log-number").textContent), row.querySelector(".log-text").textContent]));
        for (const [number, text] of rows) seen.set(number, text);
        ended = await page.locator(".log-box").evaluate((box) => {
            const end = box.scrollTop >= box.scrollHeight - box.clientHeight - 1;
            box.scrollTop += 200;
            return end;
        });
    }
    return seen;
}

async function runScript(script) {
    const { json } = await call("POST", "/jobs", { command: "executescript", app_id: known.app_id, options: [Buffer.from(script).toString("base64"), "", "parallel"] });
    return json._id;
}

test("a log is followed as it is written, and has no gap and no doubled line after a lost connection", async () => {
    const way = await breakableWay();
    const page = await openPage({ url: way.url });
    await logIn(page);
    const id = await runScript('#!/bin/sh\nfor i in $(seq 1 150); do printf "tick %s <b>&amp; \\033[36mcyan\\033[0m\\n" $i; sleep 0.05; done\n');
    await page.goto(`/web/jobs/${id}`);
    await until("some lines", async () => (await page.locator(".log-row:not([hidden])").count()) > 15);
    const box = page.locator(".log-box");
    await until("the end to be followed", () => box.evaluate((one) => one.scrollTop > 0 && one.scrollTop >= one.scrollHeight - one.clientHeight - 25));

    await box.hover();
    await page.mouse.wheel(0, -300);
    await page.getByRole("button", { name: /new lines?/ }).waitFor();
    way.breakOff();
    await viewer(page).getByText("connection lost, trying again").waitFor();
    way.mend();
    await until("the log to come again", async () => /live|complete/.test(await footOf(page)));
    await page.getByRole("button", { name: /new lines?/ }).click();
    await page.getByText(/^Execute script OK/).waitFor();
    await viewer(page).getByText("complete").waitFor();

    const wanted = linesOf(id);
    assert.equal(wanted.filter((line) => line.includes("tick ")).length, 300);
    const seen = await readThrough(page);
    assert.deepEqual(
        wanted.map((_, i) => seen.get(i + 1)),
        wanted,
    );
    assert.equal(seen.size, wanted.length);
    assertNoTrouble(page);
    await page.context().close();
    way.close();
});

test("lanes, folds, a search and the link to a line", async () => {
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/jobs/${known.job_id}`);
    const log = viewer(page);
    await log.getByText("complete").waitFor();

    await log.getByLabel("Lines of").selectOption({ index: 2 });
    const name = (await log.getByLabel("Lines of").locator("option").nth(2).innerText()).split(" ")[0];
    await until("one lane alone", async () => {
        const texts = await log.locator(".log-row:not([hidden]) .log-text").allTextContents();
        return texts.length > 0 && texts.every((text) => text.startsWith(`[${name}]`));
    });
    await log.getByLabel("Lines of").selectOption("");

    const rows = () => log.locator(".log-row:not([hidden])").count();
    await until("all of them", async () => (await log.locator(".log-row.step:not([hidden])").count()) > 1);
    const all = await rows();
    await log.getByRole("button", { name: "Fold all steps" }).click();
    await until("fewer rows", async () => (await rows()) < all);
    await log.getByRole("button", { name: "Unfold all steps" }).click();

    await log.locator(".log-box").focus();
    await page.keyboard.press("Control+f");
    await page.keyboard.type("POST_DEPLOY begins");
    await log.getByText("2 lines", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await log.getByText(/^[12] of 2 lines$/).waitFor();
    assert.equal((await log.locator(".log-row.hit:not([hidden]) .mark").textContent()).toLowerCase(), "post_deploy begins");
    await page.keyboard.press("Escape");

    await log.locator(".log-row:not([hidden]) .log-number", { hasText: /^3$/ }).click();
    assert.match(page.url(), /#L3$/);
    await log.getByRole("button", { name: "Copy the link to line 3" }).click();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    await page.goto("/web/jobs");
    await page.goto(address);
    const line = log.locator(".log-row.marked:not([hidden]) .log-number");
    await line.waitFor();
    assert.equal(await line.textContent(), "3");
    assertNoTrouble(page);
    await page.context().close();
});

/** Lanes are aligned by time: a clock that ticks between two instances would put apart what belongs beside each other. */
function putIntoOneSecond(id) {
    const log = readFileSync(logOf(id), "utf8");
    const [first] = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d GMT/.exec(log);
    writeFileSync(logOf(id), log.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d GMT/gm, first));
}

/** What the columns say, row by row as it is seen. */
const cellsOf = (page) =>
    page.evaluate(() =>
        [...document.querySelectorAll(".log-row.beside:not([hidden])")].map((row) => {
            const heading = row.querySelector(".log-heading .log-text").textContent;
            return row.classList.contains("step") ? heading : [...row.querySelectorAll(".log-cell .log-text")].map((text) => text.textContent);
        }),
    );

test("lanes stand beside each other, as the address says", async () => {
    putIntoOneSecond(known.job_id);
    const page = await openPage();
    await logIn(page);
    await page.goto(`/web/jobs/${known.job_id}`);
    const log = viewer(page);
    await log.getByText("complete").waitFor();
    await log.getByRole("button", { name: "Lanes side by side" }).click();
    const columns = log.getByRole("combobox", { name: /^Column/ });
    await until("two columns", async () => (await columns.count()) === 2);
    const chosen = () => columns.evaluateAll((all) => all.map((one) => one.value));
    const [one, other] = await chosen();
    assert.match(page.url(), new RegExp(`\\?lanes=${one},${other}$`));

    const served = await until("what both say at one height", async () => (await cellsOf(page)).find((cells) => Array.isArray(cells) && cells.every((text) => text.includes("post_deploy begins"))));
    assert.ok(
        served.every((text) => !text.includes("[i-")),
        "the column says whose it is",
    );
    assert.ok((await cellsOf(page)).some((heading) => typeof heading === "string" && heading.startsWith("Deploying ")), "steps stand across");
    await assertAccessible(page, "lanes side by side");
    await assertFits(page, "lanes side by side");

    const cells = async () => (await cellsOf(page)).filter(Array.isArray).length;
    const unfolded = await cells();
    await log.getByRole("button", { name: "Fold all steps" }).click();
    await until("steps alone", async () => (await cells()) === 0);
    await assertAccessible(page, "lanes that are folded");
    const step = log.locator(".log-row.step:not([hidden])", { hasText: "Deploying " });
    assert.match(await step.locator(".log-took").innerText(), /^\d+ lines/);
    const fold = step.getByRole("button", { name: /^Step at line/ });
    assert.equal(await fold.getAttribute("aria-expanded"), "false");
    await fold.focus();
    await page.keyboard.press("Enter");
    await until("the lines of one step", async () => (await cells()) > 0);
    assert.equal(await fold.getAttribute("aria-expanded"), "true");
    await log.getByRole("button", { name: "Fold all steps" }).click();
    await log.getByRole("button", { name: "Unfold all steps" }).click();
    await until("all of them", async () => (await cells()) === unfolded);

    await log.getByRole("button", { name: "Add a column" }).click();
    await until("the controller's column", async () => (await chosen()).join() === [one, other, "controller"].join());
    await columns.nth(0).focus();
    await columns.nth(0).selectOption("controller");
    await until("both changed places", async () => (await chosen()).join() === ["controller", other, one].join());
    await page.reload();
    await until("the same again", async () => (await columns.count()) === 3 && (await chosen()).join() === ["controller", other, one].join());

    const number = log.locator(".log-cell.column-2 .log-number:not(:empty)").first();
    const line = await number.textContent();
    await number.click();
    assert.match(page.url(), new RegExp(`lanes=.*#L${line}$`));
    await log.getByRole("button", { name: `Copy the link to line ${line}` }).click();
    const address = await page.evaluate(() => navigator.clipboard.readText());
    await page.goto("/web/jobs");
    await page.goto(address);
    await until("the line marked in its column", async () => (await log.locator(".log-cell.column-2.marked .log-number").allTextContents()).join() === line);

    await log.getByRole("button", { name: "Close the column of Controller" }).click();
    await log.getByRole("button", { name: `Close the column of ${one}` }).click();
    await until("the other one alone", async () => {
        const texts = await log.locator(".log-row:not([hidden]) .log-text").allTextContents();
        return texts.length > 0 && texts.every((text) => text.startsWith(`[${other}]`));
    });
    assert.equal(new URL(page.url()).search, `?lanes=${other}`);
    assertNoTrouble(page);
    await page.context().close();
});

test("lanes beside each other on a phone: one is seen, the others are a swipe away", async () => {
    const page = await openPage({ width: 390, height: 844 });
    await logIn(page);
    const instances = (await call("GET", `/instances?where=${JSON.stringify({ app_id: known.app_id })}`)).json._items.map((one) => one.instance_id).sort();
    await page.goto(`/web/jobs/${known.job_id}?lanes=${instances.slice(0, 2).join(",")}`);
    const log = viewer(page);
    await log.getByText("complete").waitFor();
    await assertFits(page, "lanes on a phone");
    await assertAccessible(page, "lanes on a phone");
    const second = log.getByRole("combobox", { name: "Column 2" });
    const inside = async () => {
        const [box, outer] = [await second.boundingBox(), await log.boundingBox()];
        return box.x + box.width <= outer.x + outer.width;
    };
    assert.equal(await inside(), false);
    await log.locator(".log-box").focus();
    await page.keyboard.press("End");
    for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowRight");
    await until("the second column", inside);
    assertNoTrouble(page);
    await page.context().close();
});

const INSTANCES = ["i-0a1b2c3d4e5f60718", "i-1a1b2c3d4e5f60718", "i-2a1b2c3d4e5f60718"];

async function writeBigLog(id) {
    const out = createWriteStream(logOf(id), { flags: "a" });
    const instances = INSTANCES;
    let block = "2026/11/28 13:00:00 GMT: Job processing started\n";
    for (let i = 1; i < LINES; i++) {
        const from = `[${instances[i % 3]}]`;
        if (i % 50 === 0) block += `2026/11/28 13:${String(Math.floor(i / 50 / 60) % 60).padStart(2, "0")}:${String((i / 50) % 60).padStart(2, "0")} GMT: Running step ${i / 50}\n`;
        else if (i % 13 === 0) block += `${from} \x1b[32mok\x1b[0m unpacked item ${i} in \x1b[38;5;214m${i % 97} ms\x1b[0m\n`;
        else block += `${from} ${NEEDLES.includes(i) ? "the needle in the haystack" : "copying a file of the release to its place"}, number ${i}\n`;
        if (block.length < 1 << 20) continue;
        if (!out.write(block)) await new Promise((resolve) => out.once("drain", resolve));
        block = "";
    }
    out.end(block);
    await finished(out);
}

/** What frames cost while something is done: how many there were in a second, and how long the page's thread worked on each. */
async function frames(page, devtools, act) {
    const cpu = async () => (await devtools.send("Performance.getMetrics")).metrics.find((one) => one.name === "ThreadTime")?.value ?? 0;
    await page.evaluate(() => {
        const times = (window.frameTimes = []);
        const note = (time) => {
            times.push(time);
            if (window.frameTimes === times) requestAnimationFrame(note);
        };
        requestAnimationFrame(note);
    });
    const before = await cpu();
    await act();
    const worked = ((await cpu()) - before) * 1000;
    const times = await page.evaluate(() => {
        const all = window.frameTimes;
        window.frameTimes = undefined;
        return all;
    });
    return { count: times.length - 1, perSecond: ((times.length - 1) / (times.at(-1) - times[0])) * 1000, work: worked / (times.length - 1) };
}

async function assertSmooth(t, page, devtools, how) {
    await page.locator(".log-box").hover();
    const wheel = await frames(page, devtools, async () => {
        for (let i = 0; i < 120; i++) await page.mouse.wheel(0, -240);
    });
    const bar = await frames(page, devtools, () =>
        page.evaluate(async () => {
            const box = document.querySelector(".log-box");
            for (let i = 0; i <= 120; i++) {
                box.scrollTop = ((box.scrollHeight - box.clientHeight) * i) / 120;
                await new Promise(requestAnimationFrame);
            }
        }),
    );
    for (const [what, cost] of Object.entries({ wheel, "scroll bar": bar })) {
        t.diagnostic(`${how}, ${what}: ${cost.perSecond.toFixed(1)} frames a second, ${cost.work.toFixed(1)} ms of work for each of ${cost.count}`);
        // The clock is not asked, for others may use the machine: this is what fifty frames in a second leave for each.
        assert.ok(cost.work < 20, `${how}, ${what}: ${cost.work} ms of work for a frame`);
    }
}

test("a million lines", async (t) => {
    const { json } = await call("GET", '/jobs?where={"command":"createinstance"}&max_results=1');
    const id = json._items[0]._id;
    truncateSync(logOf(id));
    await writeBigLog(id);
    const page = await openPage();
    await logIn(page);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    const began = Date.now();
    await page.goto(`/web/jobs/${id}`);
    const log = viewer(page);
    await log.locator(".log-row:not([hidden])").first().waitFor();
    t.diagnostic(`first lines after ${Date.now() - began} ms`);
    await log.getByText("complete").waitFor();
    t.diagnostic(`all after ${Date.now() - began} ms`);
    await log.getByText("1,000,000 lines").waitFor();

    await assertSmooth(t, page, devtools, "all together");
    const turned = Date.now();
    await log.getByRole("button", { name: "Lanes side by side" }).click();
    await log.getByRole("button", { name: "Add a column" }).click();
    await log.locator(".log-cell.column-2 .log-number:not(:empty)").first().waitFor();
    t.diagnostic(`three columns after ${Date.now() - turned} ms`);
    await assertSmooth(t, page, devtools, "three columns");

    await devtools.send("HeapProfiler.collectGarbage");
    const heap = await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
    t.diagnostic(`${heap.toFixed(0)} MB of memory in use`);
    assert.ok(heap < 200, `${heap} MB of memory`);
    await log.getByRole("button", { name: "Lanes side by side" }).click();

    await log.locator(".log-box").focus();
    await page.keyboard.press("Control+f");
    const asked = Date.now();
    await page.keyboard.insertText("Needle IN");
    await log.getByText("2 lines", { exact: true }).waitFor();
    t.diagnostic(`searched after ${Date.now() - asked} ms`);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await log.getByText("2 of 2 lines").waitFor();
    // The count is there a frame before the line.
    await log.locator(".log-row.hit:not([hidden]) .log-text", { hasText: new RegExp(`number ${NEEDLES[1]}$`) }).waitFor();

    await page.goto("/web/jobs");
    await page.goto(`/web/jobs/${id}#L${NEEDLES[0] + 1}`);
    const marked = log.locator(".log-row.marked:not([hidden]) .log-text");
    await marked.waitFor();
    assert.match(await marked.textContent(), new RegExp(`number ${NEEDLES[0]}$`));
    assertNoTrouble(page);
    await page.context().close();
});

test("a line in the middle of a million stays shown while the log grows", async () => {
    const id = await runScript(`#!/bin/sh\necho begun\nsleep ${Math.ceil(8 * known.slowness)}\nwhile :; do echo tick; sleep 0.1; done\n`);
    await until("the job's first lines", async () => existsSync(logOf(id)) && linesOf(id).filter((line) => line.endsWith("begun")).length === 2);
    const before = linesOf(id).length;
    await writeBigLog(id);
    const line = before + 500_002; // of an instance: every fiftieth is the controller's
    const page = await openPage();
    await logIn(page);
    const log = viewer(page);
    const marked = () =>
        page.evaluate(() => {
            const box = document.querySelector(".log-box")?.getBoundingClientRect();
            const rows = [...document.querySelectorAll(".log-row:not([hidden]).marked, .log-row:not([hidden]) .log-cell.marked")];
            // A line that is wrapped has its number once.
            return rows.filter((row) => row.querySelector(".log-number").textContent).map((row) => {
                const { top, bottom } = row.getBoundingClientRect();
                return `${row.querySelector(".log-number").textContent} ${top >= box.top && bottom <= box.bottom ? "seen" : "hidden"}`;
            });
        });
    const count = async () => Number(/^[\d,]+/.exec(await footOf(page))[0].replaceAll(",", ""));
    for (const lanes of ["", "", "", `?lanes=${INSTANCES.join(",")}`, `?lanes=${INSTANCES.join(",")}`]) {
        await page.goto("/web/jobs");
        await page.goto(`/web/jobs/${id}${lanes}#L${line}`);
        await until(`line ${line}${lanes}`, async () => (await marked()).length > 0);
        await log.getByText("live", { exact: true }).waitFor();
        for (let grown = 0, last = await count(); grown < 5; grown++) {
            assert.deepEqual(await marked(), [`${line} seen`], `with ${last} lines${lanes}`);
            last = await until("more lines", async () => {
                const now = await count();
                return now > last && now;
            });
        }
        assert.ok((await count()) > LINES);
        assert.equal(await log.getByRole("button", { name: "Follow the end" }).getAttribute("aria-pressed"), "false");
    }
    await call("DELETE", `/jobs/${id}/enqueueings`);
    await log.getByText("complete").waitFor();
    assert.deepEqual(await marked(), [`${line} seen`], "after its end");
    assertNoTrouble(page);
    await page.context().close();
});
