import { describe, expect, it } from "vitest";

import { readAnsi } from "./ansi";
import { shownWidth } from "./shown_width";

const encode = (text: string) => new TextEncoder().encode(text);

describe("shownWidth", () => {
    it("is the length of what is shown", () => {
        expect(shownWidth(encode("a\tb"))).toBe(9);
        expect(shownWidth(encode("\x1b[1;31mred\x1b[0m é€😀\x07"))).toBe(8);
        expect(shownWidth(encode("\x1b]0;title\x07"))).toBe(-1);
        expect(shownWidth(encode("^[[31mx"))).toBe(-1);
        expect(shownWidth(Uint8Array.of(0x61, 0xff))).toBe(-1);
    });

    it("agrees with what is shown, whatever comes", () => {
        let seed = 9;
        const next = (below: number) => {
            seed = (seed * 1103515245 + 12345) & 0x7fffffff;
            return (seed >> 8) % below;
        };
        const signs = ["\x1b[", "\x1b", "0", "31", ";", "m", "m", "x", "é", "€", "😀", "\t", "\x00", "^[", "[", "\x7f", "\x85", "K", ":"];
        let told = 0;
        for (let round = 0; round < 5000; round++) {
            const text = Array.from({ length: next(12) }, () => signs[next(signs.length)]).join("");
            const width = shownWidth(encode(text));
            if (width >= 0) expect([text, width]).toEqual([text, readAnsi(text).text.length]);
            told += width >= 0 ? 1 : 0;
        }
        expect(told).toBeGreaterThan(500);
    });
});
