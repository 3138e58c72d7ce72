import { describe, expect, it } from "vitest";

import { readParameters, writeParameters } from "./parameters";

const value = { port: 80, sites: [{ name: "shop", tls: true }], note: "a: b", none: null };

describe("parameters", () => {
    it("are the same in both notations", () => {
        for (const notation of ["yaml", "json"] as const) expect(readParameters(writeParameters(value, notation), notation)).toEqual({ value, remarks: [] });
        expect(writeParameters(undefined, "yaml")).toBe("");
        expect(readParameters(" \n", "json")).toEqual({ value: undefined, remarks: [] });
        expect(readParameters("# later\n", "yaml")).toEqual({ value: undefined, remarks: [] });
    });

    it("may be JSON in YAML", () => {
        expect(readParameters('{"a": [1, 2]}', "yaml")).toEqual({ value: { a: [1, 2] }, remarks: [] });
    });

    it("are told where they are wrong", () => {
        expect(readParameters("a: 1\nb: [1,\nc: 2\n", "yaml")).toMatchObject({ problem: { line: expect.any(Number) } });
        expect(readParameters("a: 1\na: 2\n", "yaml")).toMatchObject({ problem: { line: 2 } });
        expect(readParameters('{\n"a" 1}', "json")).toMatchObject({ problem: { line: 2 } });
        expect(readParameters("- a\n- b\n", "yaml")).toMatchObject({ problem: { text: expect.stringContaining("name: value") } });
        expect(readParameters("[1]", "json")).toMatchObject({ problem: { text: expect.stringContaining("object") } });
    });

    it("are told what may mean something else", () => {
        const read = readParameters('mode: 0644\non: yes\nversion: 1.10\ngood: "0644"\nplain: 1.5\n', "yaml");
        expect(read).toMatchObject({ remarks: [{ line: 1 }, { line: 2 }, { line: 2 }] });
        expect(readParameters("version: 1.10\n", "yaml")).toMatchObject({ value: { version: 1.1 }, remarks: [{ line: 1, text: expect.stringContaining("1.10") }] });
    });

    it("do not grow without end", () => {
        const bomb = ["a: &a [1,1,1,1,1,1,1,1,1]", ...Array.from("bcdefg", (name, at) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[at]}`).join(",")}]`)].join("\n");
        expect(readParameters(bomb, "yaml")).toHaveProperty("problem");
    });
});
