import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LogModel } from "./log_model";
import { LogPane } from "./log_pane";

vi.mock("./log_feed", () => ({ feedLog: () => () => {} }));

const HEIGHT = 200;

/** A box that scrolls, without layout. */
function made(names: string[], text: string) {
    const model = new LogModel("/jobs/1/logs", names);
    const box = document.createElement("div");
    const head = document.createElement("div");
    Object.defineProperty(box, "clientHeight", { value: HEIGHT });
    box.append(head);
    document.body.append(box);
    const lines: number[] = [];
    const pane = new LogPane(box, head, model, { onLine: (line) => lines.push(line), onFold: (line) => model.fold(line), onFollow: () => {} });
    model.onRows = (all) => pane.refresh(all);
    const add = async (more: string) => {
        model.store.add(new TextEncoder().encode(more));
        model.steps.extend();
        model.setLanes(model.names);
        await vi.advanceTimersByTimeAsync(50);
    };
    const cellsOf = (row: Element) => [...row.querySelectorAll(".log-cell")].map((cell) => cell.textContent);
    const rows = () => [...box.querySelectorAll<HTMLElement>(".log-row")].filter((row) => !row.hidden);
    return { model, box, pane, add, lines, rows, cells: () => rows().map(cellsOf), start: () => add(text) };
}

const LOG = "[i-0a] one\n[i-0b] <b>one</b>\n[i-0a] two\n";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
});

describe("LogPane", () => {
    it("shows lanes beside each other, as text, without their names", async () => {
        const { start, cells, box } = made(["i-0a", "i-0b"], LOG);
        await start();
        expect(cells()).toEqual([
            ["1one", "2<b>one</b>"],
            ["3two", ""],
        ]);
        expect(box.querySelector("b")).toBeNull();
    });

    it("fills what a moment had not when it goes on", async () => {
        const { start, model, cells, pane } = made(["i-0a", "i-0b"], LOG);
        await start();
        model.store.add(new TextEncoder().encode("[i-0b] two\n"));
        model.lanes!.extend();
        pane.refresh(false);
        await vi.advanceTimersByTimeAsync(50);
        expect(cells()[1]).toEqual(["3two", "4two"]);
    });

    it("goes from one to the other, and marks lines in both", async () => {
        const { start, model, cells, rows, lines } = made(["i-0a", "i-0b"], LOG);
        await start();
        rows()[0]!.querySelectorAll<HTMLElement>(".log-number")[2]!.click();
        expect(lines).toEqual([1]);
        model.mark(1);
        await vi.advanceTimersByTimeAsync(50);
        expect(rows()[0]!.querySelector(".log-cell.marked")!.textContent).toContain("one");
        model.setLanes([]);
        await vi.advanceTimersByTimeAsync(50);
        expect(rows().map((row) => row.querySelector(".log-text")!.textContent)).toEqual(["[i-0a] one", "[i-0b] <b>one</b>", "[i-0a] two"]);
        expect(rows().findIndex((row) => row.classList.contains("marked"))).toBe(1);
        model.setLanes(["i-0b", "i-0a"]);
        await vi.advanceTimersByTimeAsync(50);
        expect(cells()[0]).toEqual(["2<b>one</b>", "1one"]);
    });

    it("folds a step in all columns, and tells what that hides while it grows", async () => {
        const { start, add, model, rows } = made(["i-0a", "i-0b"], `2026/11/28 13:30:00 GMT: Running x\n${LOG}`);
        const said = () => rows().map((row) => (row.classList.contains("step") ? row.querySelector(".log-heading .log-took")!.textContent : "cells"));
        const fold = () => rows()[0]!.querySelector<HTMLButtonElement>(".log-heading .log-fold")!;
        await start();
        expect([said(), fold().hidden, fold().getAttribute("aria-expanded")]).toEqual([["", "cells", "cells"], false, "true"]);
        fold().click();
        await vi.advanceTimersByTimeAsync(50);
        expect([said(), fold().getAttribute("aria-expanded")]).toEqual([["3 lines"], "false"]);
        await add("[i-0a] three\n2026/11/28 13:30:07 GMT: Running y\n[i-0b] two\n");
        expect(said()).toEqual(["4 lines · 7 s", "", "cells"]);
        model.reveal(2);
        await vi.advanceTimersByTimeAsync(50);
        expect(said()).toEqual(["7 s", "cells", "cells", "cells", "", "cells"]);
    });

    it("says what a step has only where the controller's column has room for it", async () => {
        const log = `2026/11/28 13:30:00 GMT: Running x\n[i-0a] one\n2026/11/28 13:30:07 GMT: Running ${"y".repeat(200)}\n[i-0a] two\n2026/11/28 13:30:09 GMT: done: all\n`;
        const { start, model, rows } = made(["controller", "i-0a"], log);
        await start();
        model.setColumns(60);
        model.foldAll(true);
        await vi.advanceTimersByTimeAsync(50);
        const said = rows().map((row) => [row.querySelector(".column-0 .log-took")!.textContent, row.querySelector<HTMLElement>(".column-0 .log-fold")!.hidden]);
        expect(said).toEqual([["1 line · 7 s", false], ["", false], ["", true], ["", true], ["", true], ["", true]]);
    });

    it("draws only what is seen of very many", async () => {
        const { start, rows, pane, model } = made(["i-0a", "i-0b"], LOG.repeat(20000));
        await start();
        expect(rows().length).toBeLessThan(60);
        pane.show(59999);
        await vi.advanceTimersByTimeAsync(50);
        expect(rows().map((row) => row.textContent).join("\n")).toContain("60000two");
        expect(model.layout.count).toBeGreaterThan(20000);
    });
});

describe("LogModel", () => {
    it("waits for the one lane that is wanted", async () => {
        const { model, start } = made(["i-0b"], LOG);
        expect(model.shown).toBe(0);
        await start();
        expect([model.layout.count, model.shown]).toEqual([1, 1]);
    });

    it("shows all together when a line is gone to that no column has", async () => {
        const { model, start } = made(["i-0a", "i-0b"], `${LOG}other\n`);
        await start();
        model.reveal(2);
        expect(model.names).toHaveLength(2);
        model.reveal(3);
        expect([model.names, model.layout.count]).toEqual([[], 4]);
    });

    it("searches the columns alone", async () => {
        const { model, start } = made(["i-0a", "i-0b"], `${LOG}one of the controller's\n`);
        await start();
        model.find("one");
        await vi.advanceTimersByTimeAsync(50);
        expect(model.search!.count).toBe(2);
    });
});
