import { describe, expect, it } from "vitest";

import { lineOfPath, readJson } from "./json_tree";

const text = JSON.stringify({ name: "a", modules: [{ name: "x" }, { name: "y", source: { protocol: "svn" } }], "safe-deployment": { api_port: 1 } }, null, 4);

describe("JSON as it is written", () => {
    it("is read, or the place named where it does not go on", () => {
        expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
        const broken = readJson('{\n  "a": 1,\n  "b" 2\n}');
        expect("problem" in broken && broken.problem.line).toBe(3);
        expect("problem" in readJson("")).toBe(true);
        const open = readJson('{\n  "a": [1,\n');
        expect("problem" in open && open.problem.line).toBeGreaterThanOrEqual(2);
    });

    it("finds the line of a path", () => {
        const lines = text.split("\n");
        expect(lines[lineOfPath(text, "modules.1.source.protocol") - 1]).toContain('"svn"');
        expect(lines[lineOfPath(text, "safe-deployment.api_port") - 1]).toContain("api_port");
        expect(lines[lineOfPath(text, "modules.1") - 1]).toContain("{");
        // The nearest that there is.
        expect(lines[lineOfPath(text, "modules.0.path") - 1]).toContain("{");
        expect(lineOfPath(text, "vpc_id")).toBe(1);
    });
});
