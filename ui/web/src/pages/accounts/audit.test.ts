import { describe, expect, it } from "vitest";

import { changesOf } from "./audit";

describe("an audit note", () => {
    it("names what it was and became", () => expect(changesOf({ role: { from: "viewer", to: "admin" } })).toEqual([{ field: "role", from: "viewer", to: "admin" }]));
    it("writes what is deep as JSON", () => expect(changesOf({ tags: { to: [1] } })).toEqual([{ field: "tags", from: "", to: "[1]" }]));
    it("cuts what is long", () => expect(changesOf({ script: { to: "x".repeat(1000) } })[0]?.to).toHaveLength(301));
    it("may have no change", () => expect(changesOf(undefined)).toEqual([]));
});
