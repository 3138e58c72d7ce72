import { describe, expect, it } from "vitest";

import { changedPaths, patchOf } from "./patch";

const before = {
    name: "shop",
    description: "A shop",
    autoscale: { name: "as", min: 1, max: 2 },
    lifecycle_hooks: { pre_bootstrap: "YQ==", post_bootstrap: "Yg==" },
    features: [{ name: "a" }, { name: "b" }],
    modules: [{ name: "site", path: "/srv/site" }],
    blue_green: { enable_blue_green: true },
};

describe("what a PATCH says", () => {
    it("is nothing when nothing changed", () => {
        expect(patchOf(before, structuredClone(before))).toEqual({});
    });

    it("is only what changed, within objects too", () => {
        expect(patchOf(before, { ...before, autoscale: { name: "as", min: 1, max: 5 } })).toEqual({ autoscale: { max: 5 } });
    });

    it("sends lists whole, in their order", () => {
        expect(patchOf(before, { ...before, features: [{ name: "b" }, { name: "a" }] })).toEqual({ features: [{ name: "b" }, { name: "a" }] });
    });

    it("takes away with null, lists with an empty one, scripts with an empty text", () => {
        const { description: _, autoscale: __, features: ___, ...rest } = before;
        expect(patchOf(before, { ...rest, lifecycle_hooks: { pre_bootstrap: "YQ==" } })).toEqual({ description: null, autoscale: null, features: [], lifecycle_hooks: { post_bootstrap: "" } });
    });

    it("says that blue/green is off", () => {
        expect(patchOf(before, { ...before, blue_green: { enable_blue_green: false } })).toEqual({ blue_green: { enable_blue_green: false } });
    });

    it("has what is new", () => {
        expect(patchOf({ name: "a" }, { name: "a", build_infos: { source_ami_filter: { name: "x" } } })).toEqual({ build_infos: { source_ami_filter: { name: "x" } } });
    });
});

describe("where documents differ", () => {
    it("names members and elements", () => {
        expect(changedPaths(before, { ...before, description: "Ours", modules: [{ name: "site", path: "/srv/shop" }] }).sort()).toEqual(["description", "modules.0"]);
        expect(changedPaths(before, { ...before, features: [{ name: "a" }] })).toEqual(["features"]);
        expect(changedPaths(before, { ...before, autoscale: { name: "as", min: 1 } })).toEqual(["autoscale.max"]);
        expect(changedPaths({}, { autoscale: { min: 1 } })).toEqual(["autoscale.min"]);
        expect(changedPaths(before, before)).toEqual([]);
    });
});
