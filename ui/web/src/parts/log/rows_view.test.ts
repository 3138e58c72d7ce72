import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LineStore } from "./line_store";
import type { LogModel } from "./log_model";
import { Rows } from "./rows";
import { RowsView } from "./rows_view";
import { Steps } from "./steps";

const HEIGHT = 200;

/** A box that scrolls, without layout. */
function made(lines: string[]) {
    const store = new LineStore();
    store.add(new TextEncoder().encode(`${lines.join("\n")}\n`));
    const steps = new Steps(store);
    const rows = new Rows(store, steps);
    steps.extend();
    rows.rebuild();
    const model = { store, steps, rows, wrap: false, rawTimes: true, needle: "", hit: -1, marked: -1, setColumns: () => {} } as unknown as LogModel;
    const box = document.createElement("div");
    Object.defineProperty(box, "clientHeight", { value: HEIGHT });
    document.body.append(box);
    const follows: boolean[] = [];
    const view = new RowsView(box, model, { onLine: () => {}, onFold: () => {}, onFollow: (follow) => follows.push(follow) });
    view.refresh(true);
    const scroll = async (top: number) => {
        box.scrollTop = top;
        box.dispatchEvent(new Event("scroll"));
        await vi.advanceTimersByTimeAsync(50);
    };
    const shown = () => [...box.querySelectorAll<HTMLElement>(".log-row")].filter((row) => !row.hidden).map((row) => `${row.querySelector(".log-number")!.textContent} ${row.querySelector(".log-text")!.textContent}`);
    return { view, box, scroll, shown, follows, model };
}

const expected = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i + 1} line ${from + i}`);

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
});

describe("RowsView", () => {
    it("has the rows that are seen in the document, in their order, wherever one scrolls", async () => {
        const { scroll, shown } = made(Array.from({ length: 500 }, (_, i) => `line ${i}`));
        await scroll(0);
        expect(shown()).toEqual(expected(0, 19));
        for (const row of [3, 30, 29, 200, 180, 181, 480, 100, 0]) {
            await scroll(row * 20);
            const first = Math.max(0, row - 8);
            expect([row, shown()]).toEqual([row, expected(first, Math.min(500, row + 19))]);
        }
    });

    it("draws what is around only where it stays", async () => {
        const { box, shown } = made(Array.from({ length: 500 }, (_, i) => `line ${i}`));
        await vi.advanceTimersByTimeAsync(50);
        for (const row of [200, 400]) {
            box.scrollTop = row * 20;
            box.dispatchEvent(new Event("scroll"));
            vi.advanceTimersToNextFrame();
            expect(shown()).toEqual(expected(row, row + 11));
        }
        vi.advanceTimersToNextFrame();
        expect(shown()).toEqual(expected(392, 419));
    });

    it("never makes text into elements", async () => {
        const { scroll, box } = made(["<img src=x onerror=alert(1)>", "<b>&amp;"]);
        await scroll(0);
        expect(box.querySelectorAll("img, b")).toHaveLength(0);
        expect(box.querySelector(".log-text")!.textContent).toBe("<img src=x onerror=alert(1)>");
    });

    it("tells of the step that goes on how long it lasts", async () => {
        const { view, box, model } = made(["2026/11/28 13:30:00 GMT: Running x", "one"]);
        const took = () => [...box.querySelectorAll(".log-row.step:not([hidden]) .log-took")].map((one) => one.textContent);
        const add = async (text: string) => {
            model.store.add(new TextEncoder().encode(text));
            model.steps.extend();
            model.rows.extend();
            view.refresh(false);
            await vi.advanceTimersByTimeAsync(50);
        };
        await add("2026/11/28 13:30:04 GMT: more\n");
        expect(took()).toEqual(["4 s"]);
        await add("2026/11/28 13:30:09 GMT: Running y\n");
        await add("2026/11/28 13:30:12 GMT: more\n");
        expect(took()).toEqual(["9 s", "3 s"]);
    });

    it("follows until one scrolls up, and again at the end", async () => {
        const { view, scroll, follows, model, box } = made(Array.from({ length: 100 }, (_, i) => `line ${i}`));
        view.setFollow(true);
        expect(box.scrollTop).toBe(100 * 20 - HEIGHT);
        model.store.add(new TextEncoder().encode("more\n"));
        model.rows.extend();
        view.refresh(false);
        expect(box.scrollTop).toBe(101 * 20 - HEIGHT);
        await scroll(300);
        await scroll(101 * 20 - HEIGHT);
        expect(follows).toEqual([true, false, true]);
    });

    it("does not follow because a line that was gone to is the last for now", async () => {
        const { view, scroll, box, follows } = made(Array.from({ length: 100 }, (_, i) => `line ${i}`));
        view.show(99);
        await scroll(100 * 20 - HEIGHT - 5);
        expect(follows).toEqual([]);
        box.dispatchEvent(new Event("wheel"));
        await scroll(100 * 20 - HEIGHT);
        expect(follows).toEqual([true]);
    });

    it("keeps a line that was gone to in its place while the log grows past what browsers can scroll", async () => {
        const { view, model, box, scroll } = made(Array.from({ length: 100 }, (_, i) => `line ${i}`));
        view.show(90);
        const before = view.first;
        const lines = new TextEncoder().encode("more\n".repeat(100000));
        for (let at = 0; at < 8; at++) {
            await scroll(box.scrollTop - 700); // not the reader: what is higher now was put elsewhere by the browser
            model.store.add(lines);
            model.rows.extend();
            view.refresh(false);
            expect([at, view.first, view.isSeen(90)]).toEqual([at, before, true]);
        }
    });
});
