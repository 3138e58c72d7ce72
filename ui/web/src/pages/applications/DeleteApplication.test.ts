import { describe, expect, it } from "vitest";

import { consequences } from "./DeleteApplication";

describe("what deleting means", () => {
    it("is said of what there is", () => {
        const said = consequences({ _id: "1", name: "shop", autoscale: { name: "as.shop" }, blue_green: { color: "blue", alter_ego_id: "2" } } as never, 3, 1).join("\n");
        expect(said).toMatch(/3 instances run/);
        expect(said).toMatch(/as\.shop stays/);
        expect(said).toMatch(/green twin is deleted/);
        expect(said).toMatch(/One waiting job is cancelled/);
    });

    it("is little when there is little", () => {
        expect(consequences({ _id: "1" }, 0, 0)).toHaveLength(1);
        expect(consequences({ _id: "1" }, undefined, undefined)).toHaveLength(1);
    });
});
