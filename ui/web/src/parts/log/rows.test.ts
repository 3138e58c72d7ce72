import { describe, expect, it } from "vitest";

import { LineStore } from "./line_store";
import { Rows } from "./rows";
import { Steps } from "./steps";

const LOG = `2026/11/28 13:30:16 GMT: Job processing started
2026/11/28 13:30:16 GMT: Fetching /srv/site
2026/11/28 13:30:18 GMT: Module site: revision v1 is commit 59b3e41 "one"
2026/11/28 13:30:18 GMT: Deploying module site on 2 instances
It stops at the first instance that fails; then all go back
[i-0a] site: fetched 12 bytes
[i-0b] site: fetched 12 bytes
2026/11/28 13:31:20 GMT: i-0a: deployed
2026/11/28 13:31:21 GMT: done: Deployment OK
`;

function made(text: string) {
    const store = new LineStore();
    const steps = new Steps(store);
    const rows = new Rows(store, steps);
    const add = (more: string) => {
        store.add(new TextEncoder().encode(more));
        steps.extend();
        rows.extend();
    };
    add(text);
    return { store, steps, rows, add, lines: () => Array.from({ length: rows.count }, (_, row) => rows.at(row).line) };
}

describe("Steps", () => {
    it("begin where the controller says what it does", () => {
        const { steps } = made(LOG);
        expect(steps.starts).toEqual([0, 1, 3, 8]);
        expect(steps.starts.map((_, i) => steps.duration(i))).toEqual([0, 2000, 63000, 0]);
        expect([0, 1, 2, 3, 7, 8].map((line) => steps.indexOf(line))).toEqual([0, 1, 1, 2, 2, 3]);
        expect([steps.end(2), steps.end(3)]).toEqual([8, 9]);
    });

    it("are not begun by what an instance prints, nor by a line without a time", () => {
        const { steps } = made("Fetching x\n[i-0a] Running y\n2026/11/28 13:30:16 GMT: [i-0a] Running z\n");
        expect(steps.starts).toEqual([]);
        expect(steps.indexOf(1)).toBe(-1);
    });

    it("last until now while the job runs", () => {
        const { steps, add } = made("2026/11/28 13:30:16 GMT: Running x\n2026/11/28 13:30:20 GMT: still at it\n");
        expect(steps.duration(0)).toBe(4000);
        add("2026/11/28 13:30:26 GMT: still at it\n");
        expect(steps.duration(0)).toBe(10000);
    });
});

describe("Rows", () => {
    it("are the lines", () => {
        const { rows, lines } = made(LOG);
        expect(lines()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(rows.rowOf(4)).toBe(4);
    });

    it("leave out what is folded, and unfold what one goes to", () => {
        const { rows, lines, add } = made(LOG);
        rows.folded.add(3);
        rows.rebuild();
        expect(lines()).toEqual([0, 1, 2, 3, 8]);
        expect(rows.rowOf(6)).toBe(3);
        add("2026/11/28 13:31:22 GMT: Going back: i-0a\nmore\n");
        expect(lines()).toEqual([0, 1, 2, 3, 8, 9, 10]);
        rows.reveal(6);
        expect(lines()).toHaveLength(11);
    });

    it("fold a step that still grows", () => {
        const { rows, lines, add } = made("2026/11/28 13:30:16 GMT: Running x\n");
        rows.folded.add(0);
        rows.rebuild();
        add("one\ntwo\n");
        expect(lines()).toEqual([0]);
        add("2026/11/28 13:30:17 GMT: Running y\nthree\n");
        expect(lines()).toEqual([0, 3, 4]);
    });

    it("show one lane alone, folds or not", () => {
        const { rows, lines, add, store } = made(LOG);
        rows.folded.add(3);
        rows.lane = store.lanes.findIndex((lane) => lane.name === "i-0b");
        rows.rebuild();
        expect(lines()).toEqual([6]);
        add("[i-0b] more\n[i-0a] other\n");
        expect(lines()).toEqual([6, 9]);
        rows.reveal(10);
        expect(rows.lane).toBeNull();
    });

    it("cut long lines into parts", () => {
        const { rows, add } = made("short\n");
        rows.columns = 20;
        rows.rebuild();
        add(`${"x".repeat(45)}\n\n\x1b[31m${"y".repeat(20)}\x1b[0m\nend\n`);
        expect(Array.from({ length: rows.count }, (_, row) => rows.at(row))).toEqual([
            { line: 0, part: 0 },
            { line: 1, part: 0 },
            { line: 1, part: 1 },
            { line: 1, part: 2 },
            { line: 2, part: 0 },
            { line: 3, part: 0 },
            { line: 4, part: 0 },
        ]);
        expect(rows.rowOf(3)).toBe(5);
    });
});
