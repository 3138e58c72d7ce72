import { describe, expect, it } from "vitest";

import { changesOf, pageOf } from "./audit";

describe("an audit note", () => {
    it("names what it was and became", () => expect(changesOf({ role: { from: "viewer", to: "admin" } })).toEqual([{ field: "role", from: "viewer", to: "admin" }]));
    it("writes what is deep as JSON", () => expect(changesOf({ tags: { to: [1] } })).toEqual([{ field: "tags", from: "", to: "[1]" }]));
    it("cuts what is long", () => expect(changesOf({ script: { to: "x".repeat(1000) } })[0]?.to).toHaveLength(301));
    it("leads to what it is of while that is there", () => {
        const target = "6b0b56c502f2ddc2cd8d8699";
        expect(pageOf({ action: "create", resource: "app", target })).toBe(`/web/apps/${target}`);
        expect(pageOf({ action: "cancel", resource: "job", target })).toBe(`/web/jobs/${target}`);
        expect(pageOf({ action: "update", resource: "webhook", target })).toBe(`/web/webhooks/${target}/edit`);
        expect(pageOf({ action: "delete", resource: "app", target })).toBeUndefined();
        expect(pageOf({ action: "create", resource: "session", target: "admin" })).toBeUndefined();
        expect(pageOf({ action: "create", resource: "job", target: "../apps" })).toBeUndefined();
    });
    it("may have no change", () => expect(changesOf(undefined)).toEqual([]));
});
