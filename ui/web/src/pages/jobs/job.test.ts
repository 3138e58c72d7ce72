import { describe, expect, it } from "vitest";

import { appsWhere, jobsWhere, linked } from "./job";

const none = { status: "", command: "", name: "", env: "", role: "", user: "" };

describe("linked", () => {
    it("finds instances and deployments", () => {
        expect(linked("Deploy error on: i-0e5621881 (site); Deployment OK: [web: e227cc0a0e543c4e3800835a]")).toEqual([
            { text: "Deploy error on: " },
            { text: "i-0e5621881", href: "/web/instances/i-0e5621881" },
            { text: " (site); Deployment OK: [web: " },
            { text: "e227cc0a0e543c4e3800835a", href: "/web/deployments/e227cc0a0e543c4e3800835a" },
            { text: "]" },
        ]);
        expect(linked("Build image OK: [ami-74fb3cb50d049f8ad]")).toHaveLength(1);
    });
});

describe("filters", () => {
    it("become what the API is asked", () => {
        expect(appsWhere(none)).toBeNull();
        expect(appsWhere({ ...none, name: "a.b", env: "prod" })).toEqual({ name: { $regex: "a\\.b" }, env: "prod" });
        expect(jobsWhere({ ...none, status: "failed", user: "ann" }, ["1"])).toEqual({ status: "failed", user: { $regex: "ann" }, app_id: { $in: ["1"] } });
        expect(jobsWhere(none, null)).toEqual({});
    });
});
