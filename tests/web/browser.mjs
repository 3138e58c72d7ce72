/** A browser for the scenarios: Debian's Chromium, driven by playwright-core from where the pages are built. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const known = JSON.parse(process.env.GHOST_WEB);
const require = createRequire(join(known.stage, "package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
export const PATIENCE_MS = 60000 * known.slowness;

let browser;

export async function startBrowser() {
    assert.ok(CHROMIUM, "Chromium is missing: packaging/dependencies.sh test installs it");
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export async function stopBrowser() {
    await browser?.close();
}

/**
 * A page of its own, with what it complained of in `page.trouble`: errors of scripts, and what the policy refused.
 * url: where the pages come from, unless it is the controller itself.
 */
export async function openPage({ width = 1280, height = 800, theme = "light", url = known.url } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce", baseURL: url });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.trouble = [];
    page.on("pageerror", (error) => page.trouble.push(error.stack ?? error.message));
    page.on("console", (message) => {
        if (message.type() === "error" && /Content Security Policy|Uncaught/i.test(message.text())) page.trouble.push(`${page.url()}: ${message.text()} (${message.location().url}:${message.location().lineNumber})`);
    });
    return page;
}

export async function logIn(page, user = known.user, password = known.password) {
    await page.goto("/web/");
    await page.getByLabel("Name").fill(user);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("link", { name: "Ghost" }).waitFor();
}

/** The API, as a program would use it. */
export async function call(method, path, body, headers = {}) {
    const basic = Buffer.from(`${known.user}:${known.password}`).toString("base64");
    const answer = await fetch(known.url + path, {
        method,
        headers: { Authorization: `Basic ${basic}`, ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
        body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : undefined };
}

/** Polls until condition() is truthy and returns it. */
export async function until(what, condition, ms = PATIENCE_MS) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await condition();
        if (value) return value;
        assert.ok(Date.now() < end, `waited in vain for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** Nothing serious for those who cannot see or point well: WCAG 2.1 A and AA. */
export async function assertAccessible(page, where) {
    await page.evaluate(AXE);
    const found = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
    const serious = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
    assert.deepEqual(
        serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`),
        [],
        `${where} for those who cannot see or point well`,
    );
}

/** Nothing is wider than the window: a phone would scroll sideways. */
export async function assertFits(page, where) {
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${where} is ${over} pixels too wide`);
}

export function assertNoTrouble(page) {
    assert.deepEqual(page.trouble, []);
}
