import { describe, expect, it } from "vitest";

import { LineStore } from "./line_store";
import { lineLook, lineText, ROW_MAX, rowText } from "./row_text";

function of(text: string): LineStore {
    const store = new LineStore();
    store.add(new TextEncoder().encode(`${text}\n`));
    return store;
}

const pieces = (store: LineStore, needle = "") => rowText(lineLook(store, 0, needle), 0, 0).pieces;

describe("rowText", () => {
    it("cuts where looks change", () => {
        expect(pieces(of("[i-0a] \x1b[31mred one\x1b[0m"), "D O")).toEqual([
            { text: "[i-0a]", classes: "lane lane-1", colour: undefined, ground: undefined },
            { text: " ", classes: "", colour: undefined, ground: undefined },
            { text: "re", classes: "fg-red", colour: undefined, ground: undefined },
            { text: "d o", classes: "fg-red mark", colour: undefined, ground: undefined },
            { text: "ne", classes: "fg-red", colour: undefined, ground: undefined },
        ]);
    });

    it("gives the parts of a wrapped line", () => {
        const look = lineLook(of("abcdefghij"), 0, "de");
        const parts = [0, 1, 2].map((part) => rowText(look, part, 4).pieces.map((piece) => piece.text + (piece.classes && "!")));
        expect(parts).toEqual([["abc", "d!"], ["e!", "fgh"], ["ij"]]);
    });

    it("says how the job ended, and what failed", () => {
        const tones = ["2026/11/28 13:30:16 GMT: done: Deployment OK", "failed: no", "WARNING: x", "[i-0a] site: post_deploy exited with code 7", "[i-0a] site: post_deploy exited with code 0", "x"];
        expect(tones.map((line) => lineLook(of(line), 0, "").tone)).toEqual(["tone-good", "tone-bad", "tone-warn", "tone-bad", "", ""]);
    });

    it("shows a part of what is too long for a row", () => {
        const { pieces: some, left } = rowText(lineLook(of("x".repeat(ROW_MAX + 5)), 0, ""), 0, 0);
        expect([some.map((piece) => piece.text).join("").length, left]).toEqual([ROW_MAX, 5]);
    });
});

describe("lineText", () => {
    it("is the line, time and all, without colours", () => {
        expect(lineText(of("2026/11/28 13:30:16 GMT: \x1b[31mred\x1b[0m"), 0)).toBe("2026/11/28 13:30:16 GMT: red");
        expect(lineText(of("[i-0a] x"), 0)).toBe("[i-0a] x");
    });
});
