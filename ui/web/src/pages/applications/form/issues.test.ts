import { describe, expect, it } from "vitest";

import type { Doc } from "./document";
import { flattenIssues, issueAt, issuesOf, issuesWithin, pathOfMessage } from "./issues";
import { inFormOrder, labelOf } from "./labels";
import { sectionOf } from "./sections";

const draft: Doc = {
    modules: [
        { name: "site", path: "/srv/site", health_check: { type: "http" } },
        { name: "jobs", path: "/srv/jobs" },
        { name: "jobs", path: "/srv/jobs2" },
    ],
    features: [{ name: "nginx", provisioner: "puppet" }],
    log_notifications: [{ email: "x" }],
};

describe("what the server says of fields", () => {
    it("is found at the paths of the form, however deep", () => {
        expect(flattenIssues({ vpc_id: "required field", modules: { 1: { source: { protocol: "unallowed value svn" } } }, log_notifications: { 0: { job_states: { 2: ["a", "b"] } } } })).toEqual([
            { path: "vpc_id", text: "Needed" },
            { path: "modules.1.source.protocol", text: "unallowed value svn" },
            { path: "log_notifications.0.job_states.2", text: "a; b" },
        ]);
    });

    it.each([
        ['Module "site" uses a forbidden path: "/tmp"', "modules.0.path"],
        ['Module "jobs" has a duplicated name', "modules.2.name"],
        ['Module "jobs" has a path (/srv/jobs) in collision with another module', "modules.2.path"],
        ['Module "site": health_check: type "http" needs port', "modules.0.health_check.port"],
        ['Module "site": health_check: timeout (90 s, of one try) is longer than deadline (60 s, of all)', "modules.0.health_check.timeout"],
        ['Error decoding script "pre_deploy" in module: "site"', "modules.0.pre_deploy"],
        ["Error decoding a script in lifecycle hook: pre_bootstrap", "lifecycle_hooks.pre_bootstrap"],
        ['Provisioner "puppet" set for feature "nginx" is not available or not compatible.', "features.0.provisioner"],
        ["build_infos needs one of source_ami, source_ami_filter and source_ami_parameter", "build_infos.source_ami"],
        ['Updates are forbidden for field: "env"', "env"],
        ["An app already exist with same name, role and env. Please change one these fields.", "name"],
    ])("a sentence of the whole: %s", (message, path) => {
        expect(pathOfMessage(message, draft)).toBe(path);
    });

    it("names the source that is being written", () => {
        const message = "build_infos needs one of source_ami, source_ami_filter and source_ami_parameter";
        expect(pathOfMessage(message, { build_infos: { source_ami_filter: { name: "" } } })).toBe("build_infos.source_ami_filter.name");
    });

    it("belongs nowhere when nothing is named", () => {
        expect(issuesOf({ message: "The database is full", issues: {} }, draft)).toEqual([]);
        expect(pathOfMessage('Module "other" has empty path', draft)).toBeUndefined();
    });

    it("is counted within a path, and not beside it", () => {
        const issues = flattenIssues({ modules: { 1: { path: "x" }, 10: { path: "y" } } });
        expect(issuesWithin(issues, "modules.1")).toBe(1);
        expect(issuesWithin(issues, "modules")).toBe(2);
        expect(issueAt(issues, "modules.10.path")).toBe("y");
        expect(issueAt(issues, "modules")).toBeUndefined();
    });
});

describe("the order of what is wrong", () => {
    it("is that of the form", () => {
        const paths = ["surprise", "env_vars.1.var_key", "modules.10.path", "modules.2.health_check.port", "modules.2.name", "build_infos.subnet_id", "vpc_id", "name"];
        expect(inFormOrder(paths.map((path) => ({ path }))).map(({ path }) => path)).toEqual([
            "name",
            "vpc_id",
            "modules.2.name",
            "modules.2.health_check.port",
            "modules.10.path",
            "build_infos.subnet_id",
            "env_vars.1.var_key",
            "surprise",
        ]);
    });
});

describe("what a path is called", () => {
    it.each([
        ["vpc_id", "VPC", "place"],
        ["modules.0.path", "Module site: Path on the instance", "modules"],
        ["modules.0.health_check.port", "Module site: Port", "modules"],
        ["features.0", "Feature nginx", "features"],
        ["environment_infos.subnet_ids.1", "Subnet 2", "instances"],
        ["safe-deployment.api_port", "API port", "balancer"],
        ["assumed_role_name", "Role to assume", "place"],
    ])("%s", (path, label, section) => {
        expect(labelOf(path, draft)).toBe(label);
        expect(sectionOf(path)?.id).toBe(section);
    });

    it("is the path itself when the form does not know it", () => {
        expect(labelOf("surprise", draft)).toBe("surprise");
    });
});
