import { describe, expect, it } from "vitest";

import { ApiError } from "~/api/client";

import { findCommand } from "./commands";
import { formIssues } from "./issues";

const deploy = findCommand("deploy")!;
const modules = [
    { name: "site", rev: "" },
    { name: "api", rev: "" },
];

describe("formIssues", () => {
    it("finds the field a sentence is about", () => {
        const message = "min_healthy 'abc': a number of instances (2) or a share of them (50%) is expected";
        expect(formIssues(new ApiError(422, message), deploy, modules)).toEqual({ fields: { min_healthy: message }, modules: {}, rest: "" });
        expect(formIssues(new ApiError(422, "safe deployment strategy '7/8' is unknown"), deploy, modules).fields).toHaveProperty("safe");
        expect(formIssues(new ApiError(422, "Module api: no revision v9"), deploy, modules).modules).toEqual({ api: "Module api: no revision v9" });
    });

    it("takes the remarks by member", () => {
        const issues = formIssues(new ApiError(422, "Insertion failure", { modules: { "1": { rev: "must be of string type" } }, app_id: "required field" }), deploy, modules);
        expect(issues).toEqual({ fields: {}, modules: { api: "must be of string type" }, rest: "app_id: required field" });
    });

    it("keeps what is about none", () => {
        expect(formIssues(new ApiError(422, "Too many jobs wait"), deploy, modules).rest).toBe("Too many jobs wait");
        expect(formIssues(undefined, deploy, modules).rest).toBe("");
    });
});
