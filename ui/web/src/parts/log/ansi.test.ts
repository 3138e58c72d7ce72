import { describe, expect, it } from "vitest";

import { contrast, readable, readAnsi, type Rgb } from "./ansi";

const GROUND: Rgb = [15, 18, 24];

describe("readAnsi", () => {
    it("reads colours by class", () => {
        expect(readAnsi("a \x1b[31mred\x1b[1;92m bold\x1b[0m end")).toEqual({
            text: "a red bold end",
            runs: [
                { from: 2, to: 5, classes: "fg-red" },
                { from: 5, to: 10, classes: "fg-bright-green bold" },
            ],
        });
        expect(readAnsi("\x1b[44;33mx\x1b[mx").runs).toEqual([{ from: 0, to: 1, classes: "on-blue" }]);
        expect(readAnsi("\x1b[38;5;9mx").runs[0]!.classes).toBe("fg-bright-red");
    });

    it("knows the escape sign written as two", () => {
        expect(readAnsi("^[[32mok^[[0m ^[ x")).toEqual({ text: "ok ^[ x", runs: [{ from: 0, to: 2, classes: "fg-green" }] });
    });

    it("reads 256 and true colours, and makes them readable", () => {
        expect(readAnsi("\x1b[38;5;214mx").runs[0]!.colour).toBe("rgb(255 175 0)");
        expect(readAnsi("\x1b[38;2;255;255;0mx").runs[0]!.colour).toBe("rgb(255 255 0)");
        expect(readAnsi("\x1b[38:2::1:250:3mx").runs[0]!.colour).toBe("rgb(1 250 3)");
        const dark = /rgb\((\d+) (\d+) (\d+)\)/.exec(readAnsi("\x1b[38;2;0;0;90mx").runs[0]!.colour!)!.slice(1).map(Number) as Rgb;
        expect(contrast(dark, GROUND)).toBeGreaterThanOrEqual(4.5);
        const on = readAnsi("\x1b[48;2;255;255;255;38;2;250;250;250mx").runs[0]!;
        expect(on.ground).toBe("rgb(255 255 255)");
        expect(on.colour).not.toBe("rgb(250 250 250)");
    });

    it("drops what is no colour", () => {
        expect(readAnsi("a\x1b[2K\x1b[1Gb\x1b]0;title\x07c\x1b(Bd\x1b[?25le\x1b]8;;http://x\x1b\\link\x07\x00").text).toBe("abcdelink");
        expect(readAnsi("half\x1b[3").text).toBe("half3");
        expect(readAnsi("end\x1b").text).toBe("end");
        expect(readAnsi("<b>&amp;</b>")).toEqual({ text: "<b>&amp;</b>", runs: [] });
    });

    it("brings tabs to their stops", () => {
        expect(readAnsi("ab\tc").text).toBe("ab      c");
        expect(readAnsi("\x1b[31ma\x1b[0m\tc").text).toBe("a       c");
    });

    it("does not fail whatever comes", () => {
        let seed = 3;
        const signs = ["\x1b", "[", "3", "8", ";", "5", "m", "2", "x", "]", "\x07", ":", "0", "\x9b", "^"];
        for (let round = 0; round < 3000; round++) {
            let raw = "";
            for (let i = 0; i < 14; i++) {
                seed = (seed * 1103515245 + 12345) & 0x7fffffff;
                raw += signs[(seed >> 8) % signs.length];
            }
            const { text, runs } = readAnsi(raw);
            // eslint-disable-next-line no-control-regex
            expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
            for (const run of runs) expect(run.from < run.to && run.to <= text.length).toBe(true);
        }
    });
});

describe("readable", () => {
    it("leaves what can be read", () => {
        expect(readable([200, 200, 200], GROUND)).toEqual([200, 200, 200]);
        for (let grey = 0; grey < 256; grey += 5) {
            const ground: Rgb = [grey, grey, grey];
            expect(contrast(readable([120, 40, 200], ground), ground)).toBeGreaterThanOrEqual(4.5);
        }
    });
});
