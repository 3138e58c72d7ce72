import { describe, expect, it } from "vitest";

import { mergeDrafts, takeTheirs } from "./merge";
import { readable } from "./readable";

const base = { description: "A", region: "eu-west-1", autoscale: { min: 1, max: 2 }, features: [{ name: "a" }] };

describe("two who changed the same application", () => {
    it("both stand when they do not meet", () => {
        const { conflicts, taken, merged } = mergeDrafts(base, { ...base, description: "Mine" }, { ...base, autoscale: { min: 1, max: 9 } });
        expect(conflicts).toEqual([]);
        expect(taken).toEqual(["autoscale.max"]);
        expect(merged).toEqual({ ...base, description: "Mine", autoscale: { min: 1, max: 9 } });
    });

    it("what both changed to the same is no conflict", () => {
        expect(mergeDrafts(base, { ...base, region: "x" }, { ...base, region: "x" }).conflicts).toEqual([]);
    });

    it("is to be chosen where they differ; mine until then", () => {
        const mine = { ...base, description: "Mine", features: [{ name: "a" }, { name: "b" }] };
        const theirs = { ...base, description: "Theirs", features: [{ name: "c" }] };
        const { conflicts, merged } = mergeDrafts(base, mine, theirs);
        expect(conflicts.map(({ path }) => path)).toEqual(["description", "features"]);
        expect(merged).toEqual(mine);
        expect(takeTheirs(merged, conflicts, ["features"])).toEqual({ ...mine, features: [{ name: "c" }] });
        expect(takeTheirs(merged, conflicts, ["features", "description"])).toEqual(theirs);
    });

    it("one took away what the other changed", () => {
        const { description: _, ...without } = base;
        const { conflicts, merged } = mergeDrafts(base, without, { ...base, description: "Theirs" });
        expect(conflicts).toEqual([{ path: "description", base: "A", mine: undefined, theirs: "Theirs" }]);
        expect(merged).toEqual(without);
        expect(takeTheirs(merged, conflicts, ["description"])).toEqual({ ...base, description: "Theirs" });
    });

    it("what both made new meets at its members", () => {
        const { conflicts, merged } = mergeDrafts({}, { blue_green: { enable_blue_green: true } }, { blue_green: { enable_blue_green: true, is_online: true } });
        expect(conflicts).toEqual([]);
        expect(merged).toEqual({ blue_green: { enable_blue_green: true, is_online: true } });
    });
});

describe("a value as text", () => {
    it("has scripts line by line", () => {
        expect(readable([{ name: "site", pre_deploy: "#!/bin/sh\ntrue\n", source: { url: "u" } }, { name: "b" }])).toBe(
            ["- name: site", "  pre_deploy:", "      #!/bin/sh", "      true", "  source:", "      url: u", "- name: b"].join("\n"),
        );
        expect(readable("text")).toBe("text");
        expect(readable(undefined)).toBe("");
        expect(readable(["a", "b"])).toBe("- a\n- b");
    });
});
