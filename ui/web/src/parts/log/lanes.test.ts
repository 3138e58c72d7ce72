import { describe, expect, it } from "vitest";

import { Lanes, MOMENT_LINES } from "./lanes";
import { LineStore } from "./line_store";
import { Steps } from "./steps";

const at = (second: number, text: string) => `2026/11/28 13:30:${String(second).padStart(2, "0")} GMT: ${text}\n`;

function made(names: string[], text = "", columns = 0, folded: number[] = []) {
    const store = new LineStore();
    const steps = new Steps(store);
    const lanes = new Lanes(store, steps, names, columns, new Set(folded));
    const add = (more: string) => {
        store.add(new TextEncoder().encode(more));
        steps.extend();
        lanes.extend();
    };
    add(text);
    /** By row: "3" is line 3, "3+" a later part of it, "= 3" a heading across all; and where times are told. */
    const shown = () =>
        Array.from({ length: lanes.count }, (_, row) => {
            const { heading, cells } = lanes.at(row);
            return heading >= 0 ? `= ${heading}` : cells.map((cell) => (cell ? `${cell.line}${cell.part ? "+" : ""}` : ".")).join(" ");
        });
    const times = () => Array.from({ length: lanes.count }, (_, row) => lanes.at(row).time);
    return { store, steps, lanes, add, shown, times };
}

const LOG = at(1, "Job processing started") + at(2, "Running the script") + "[i-0a] one\n[i-0a] two\n[i-0b] one\n" + at(5, "[i-0b] two") + "[i-0a] three\n" + at(9, "done: all well");

describe("Lanes", () => {
    it("have what came in one moment at one height, and the controller's steps across", () => {
        const { shown, times } = made(["i-0a", "i-0b"], LOG);
        expect(shown()).toEqual(["= 0", "= 1", "2 4", "3 .", "6 5", "= 7"]);
        expect(times()).toEqual([0, 1, -1, -1, 5, 7]);
    });

    it("may be the controller's too, which has no headings then", () => {
        const { shown, times } = made(["controller", "i-0b"], LOG);
        expect(shown()).toEqual(["0 .", "1 4", ". 5", "7 ."]);
        expect(times()).toEqual([0, 1, 5, 7]);
    });

    it("let what comes fill the moment that goes on, and nothing before it", () => {
        const { add, shown, lanes } = made(["i-0a", "i-0b"], at(1, "[i-0a] x") + at(2, "[i-0a] y") + "[i-0a] z\n");
        expect([shown(), lanes.settled]).toEqual([["0 .", "1 .", "2 ."], 1]);
        add("[i-0b] late\n");
        expect(shown()).toEqual(["0 .", "1 3", "2 ."]);
    });

    it("part a long time without times into moments", () => {
        const { lanes } = made(["i-0a", "i-0b"], "[i-0a] x\n".repeat(MOMENT_LINES * 2) + "[i-0b] y\n");
        expect(lanes.rowOf(MOMENT_LINES * 2)).toBe(MOMENT_LINES * 2);
        expect(lanes.lines).toBe(MOMENT_LINES * 2 + 1);
    });

    it("take one that has not printed yet", () => {
        const { add, shown, lanes } = made(["i-0a", "i-0c"], "[i-0a] x\n");
        expect([...lanes.numbers]).toEqual([1]);
        add("[i-0c] y\n");
        expect(shown()).toEqual(["0 1"]);
        expect([...lanes.numbers]).toEqual([1, 2]);
    });

    it("wrap long lines, without counting whose they are", () => {
        const { shown } = made(["i-0a", "i-0b"], `[i-0a] ${"x".repeat(25)}\n[i-0b] ${"y".repeat(10)}\n[i-0b] \x1b[31m${"z".repeat(11)}\x1b[0m\n[i-0a] end\n`, 10);
        expect(shown()).toEqual(["0 1", "0+ 2", "0+ 2+", "3 ."]);
    });

    it("know where a line is, or what is shown of its time", () => {
        const { lanes } = made(["i-0a", "i-0b"], LOG + "[i-0c] other\n");
        expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((line) => lanes.rowOf(line))).toEqual([0, 1, 2, 3, 2, 4, 4, 5, 5]);
        expect([0, 2, 3, 4, 5].map((row) => lanes.lineAt(row))).toEqual([0, 2, 3, 5, 7]);
        expect([1, 2, 8].map((line) => lanes.shows(line))).toEqual([true, true, false]);
    });

    it("leave out what a step that is folded has in all of them, and know how much that is", () => {
        const { lanes, steps, shown, times } = made(["i-0a", "i-0b"], LOG, 0, [1]);
        expect(shown()).toEqual(["= 0", "= 1", "= 7"]);
        expect(times()).toEqual([0, 1, 7]);
        expect(steps.starts.map((_, step) => lanes.linesOf(step))).toEqual([0, 5, 0]);
        expect(lanes.lines).toBe(5);
        expect([1, 4, 6, 7].map((line) => lanes.rowOf(line))).toEqual([1, 1, 1, 2]);
        expect(lanes.shows(4)).toBe(true);
    });

    it("count what a step has in the columns alone", () => {
        const log = `${LOG}${at(10, "Running more")}[i-0c] other\n[i-0b] one\n`;
        expect([[], [1]].map((folded) => made(["i-0a", "i-0c"], log, 0, folded)).map(({ lanes, steps }) => steps.starts.map((_, step) => lanes.linesOf(step)))).toEqual([
            [0, 3, 0, 1],
            [0, 3, 0, 1],
        ]);
    });

    it("fold a step that still grows, until the next one", () => {
        const { add, shown, lanes } = made(["i-0a", "i-0b"], at(1, "Running x"), 0, [0]);
        add("[i-0a] one\n");
        add("[i-0b] two\n");
        expect([shown(), lanes.linesOf(0)]).toEqual([["= 0"], 2]);
        add(at(2, "Running y"));
        add("[i-0b] three\n");
        expect(shown()).toEqual(["= 0", "= 3", ". 4"]);
    });

    it("fold in the controller's own column too, and have the next step's lines beside that alone", () => {
        const log = at(1, "Running x") + "[i-0a] one\n" + at(1, "of x") + at(1, "Running y") + "[i-0a] two\n";
        expect(made(["controller", "i-0a"], log, 0, [0]).shown()).toEqual(["0 .", "3 4"]);
    });

    it("are the same however the log comes", () => {
        for (const folded of [[], [1, 9]]) {
            const whole = made(["i-0a", "i-0b"], LOG.repeat(3), 0, folded);
            const bytewise = made(["i-0a", "i-0b"], "", 0, folded);
            for (const sign of LOG.repeat(3)) bytewise.add(sign);
            expect(bytewise.shown()).toEqual(whole.shown());
            expect(bytewise.times()).toEqual(whole.times());
            expect(bytewise.lanes.lines).toBe(whole.lanes.lines);
        }
    });
});
