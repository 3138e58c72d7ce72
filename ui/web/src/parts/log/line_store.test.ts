import { describe, expect, it } from "vitest";

import { LineStore, stampTime } from "./line_store";

const encode = (text: string) => new TextEncoder().encode(text);

/** Repeatable. */
function random(seed: number): (below: number) => number {
    return (below) => {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        return seed % below;
    };
}

function all(store: LineStore): [string, string, string][] {
    return Array.from({ length: store.count }, (_, line) => [store.stamp(line), store.lanes[store.laneOf(line)]!.name, store.text(line)]);
}

function of(text: string): LineStore {
    const store = new LineStore();
    store.add(encode(text));
    return store;
}

describe("LineStore", () => {
    it("tells time, instance and text of each line", () => {
        const store = of(
            "2026/11/28 13:30:16 GMT: Job processing started\nIt stops at the first\n[i-0ab1] site: begins\n2026/11/28 13:30:17 GMT: [i-0cd2] after the time\n[i-0ab1] again\n\n",
        );
        expect(all(store)).toEqual([
            ["2026/11/28 13:30:16 GMT", "", "Job processing started"],
            ["", "", "It stops at the first"],
            ["", "i-0ab1", "[i-0ab1] site: begins"],
            ["2026/11/28 13:30:17 GMT", "i-0cd2", "[i-0cd2] after the time"],
            ["", "i-0ab1", "[i-0ab1] again"],
            ["", "", ""],
        ]);
        expect(store.lanes).toEqual([
            { name: "", lines: 3 },
            { name: "i-0ab1", lines: 2 },
            { name: "i-0cd2", lines: 1 },
        ]);
    });

    it("takes no other line for one of an instance or one with a time", () => {
        const store = of("[info] x\n[i-] y\n[i-ZZ] z\n2026/11/28 13:30:16 UTC: a\n2026-11-28 13:30:16 GMT: b\n[i-0123456789012345678901234567890123456789] long\n[i-01");
        store.finish();
        for (let line = 0; line < store.count; line++) expect([store.laneOf(line), store.isTimed(line)]).toEqual([0, false]);
        expect(store.text(6)).toBe("[i-01");
    });

    it("is the same however the pieces are cut", () => {
        const next = random(7);
        const words = ["Fetching", "é€😀", "\u001b[31mred\u001b[0m", "tab\there", "", "[i-0ab1] x", "2026/11/28 13:30:16 GMT: [i-0cd2] y", "2026/11/28 13:30:18 GMT: Running it", "x".repeat(300)];
        for (let round = 0; round < 60; round++) {
            const lines = Array.from({ length: 1 + next(80) }, () => Array.from({ length: next(3) }, () => words[next(words.length)]).join(" "));
            const bytes = encode(`${lines.join("\n")}\n`);
            const whole = new LineStore();
            whole.add(bytes);
            const pieces = new LineStore();
            for (let at = 0; at < bytes.length; ) {
                const length = next(10) === 0 ? next(2000) : next(9);
                pieces.add(bytes.slice(at, at + length));
                at += length;
            }
            expect(all(pieces)).toEqual(all(whole));
            expect(pieces.lanes).toEqual(whole.lanes);
            expect(whole.count).toBe(lines.length);
            expect(pieces.bytes).toBe(bytes.length);
        }
    });

    it("cuts what has no end", () => {
        const store = new LineStore();
        for (let i = 0; i < 5; i++) store.add(new Uint8Array(1 << 19).fill(97));
        store.add(encode("\nend\n"));
        expect(store.count).toBe(4);
        expect(store.text(3)).toBe("end");
    });

    it("leaves out the rest of a long text", () => {
        expect(of("2026/11/28 13:30:16 GMT: abcdef\n").text(0, 3)).toBe("abc");
    });
});

describe("stampTime", () => {
    it("is in GMT", () => {
        expect(stampTime("2026/11/28 13:30:16 GMT")!.toISOString()).toBe("2026-11-28T13:30:16.000Z");
        expect(stampTime("today")).toBeNull();
    });
});
