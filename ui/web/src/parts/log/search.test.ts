import { describe, expect, it } from "vitest";

import { readAnsi } from "./ansi";
import { LineStore } from "./line_store";
import { folded, marksIn, Search } from "./search";

function store(lines: string[], cut = 1 << 20): LineStore {
    const made = new LineStore();
    const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
    for (let at = 0; at < bytes.length; at += cut) made.add(bytes.slice(at, at + cut));
    return made;
}

function find(lines: LineStore, needle: string, lane: number | null = null): number[] {
    const search = new Search(lines, needle, lane === null ? null : new Set([lane]));
    while (search.turn(1000));
    return [...search.found.subarray(0, search.count)];
}

describe("Search", () => {
    it("finds each line once, and never across lines or in times", () => {
        const lines = store(["Error and error", "none", "2026/11/28 13:30:16 GMT: GMT 2026", "2026/11/28 13:30:16 GMT: plain", "er", "ror"]);
        expect(find(lines, "ERROR")).toEqual([0]);
        expect(find(lines, "2026")).toEqual([2]);
        expect(find(lines, "gmt")).toEqual([2]);
        expect(find(lines, "r")).toEqual([0, 4, 5]);
        expect(find(lines, "nothing of it")).toEqual([]);
    });

    it("sees through colours, and finds other scripts", () => {
        const lines = store(["fa\x1b[31mil\x1b[0med", "x", "[i-0a] déjà vu", "31m"]);
        expect(find(lines, "failed")).toEqual([0]);
        expect(find(lines, "31m")).toEqual([3]);
        expect(find(lines, "Déjà")).toEqual([2]);
        expect(find(lines, "é", 0)).toEqual([]);
    });

    it("is what looking at every line gives", () => {
        let seed = 5;
        const next = (below: number) => {
            seed = (seed * 1103515245 + 12345) & 0x7fffffff;
            return (seed >> 6) % below;
        };
        for (let round = 0; round < 150; round++) {
            const lines = Array.from({ length: 1 + next(60) }, () => {
                const text = Array.from({ length: next(14) }, () => "aAbé\x1b[1m"[next(7)]).join("");
                return (next(4) === 0 ? "2026/11/28 13:30:16 GMT: " : "") + text;
            });
            const made = store(lines, 1 + next(90));
            const needle = Array.from({ length: 1 + next(3) }, () => "aABb"[next(4)]).join("");
            const wanted = Array.from({ length: made.count }, (_, line) => line).filter((line) => folded(readAnsi(made.text(line)).text).includes(folded(needle)));
            expect(find(made, needle)).toEqual(wanted);
        }
    });

    it("stops when its turn is over, and goes on with lines that come", () => {
        const lines = store(Array.from({ length: 50000 }, (_, i) => `line ${i}`));
        const search = new Search(lines, "line 4999");
        let time = 0;
        expect(search.turn(5, () => (time += 10))).toBe(true);
        expect(search.progress).toBeLessThan(0.5);
        while (search.turn(1000));
        expect(search.count).toBe(11);
        lines.add(new TextEncoder().encode("line 4999 again\n"));
        expect(search.turn(1000)).toBe(false);
        expect(search.count).toBe(12);
        expect(search.found[search.count - 1]).toBe(50000);
    });

    it("goes from one to the next and round", () => {
        const search = new Search(store(["a", "b", "a", "b", "a"]), "a");
        search.turn(1000);
        expect([0, 1, 3, 5].map((line) => search.found[search.after(line)])).toEqual([0, 2, 4, 0]);
        expect([0, 1, 4, 9].map((line) => search.found[search.before(line)])).toEqual([4, 0, 2, 4]);
    });
});

describe("marksIn", () => {
    it("tells every place", () => {
        expect(marksIn("aXax", "AX")).toEqual([
            [0, 2],
            [2, 4],
        ]);
        expect(marksIn("aaa", "aa")).toEqual([[0, 2]]);
        expect(marksIn("abc", "")).toEqual([]);
    });
});
