import { describe, expect, it } from "vitest";

import { toBase64 } from "~/parts/base64";

import { cloneDraft, type Doc, getAt, isBlank, newDraft, setAt, toDraft, toWire, withoutBlankRows } from "./document";

const script = "#!/bin/bash\necho “grüße”\n";

const stored: Doc = {
    _id: "6b0ad3f7a93213b213293f0b",
    _etag: "b049",
    name: "shop",
    env: "prod",
    role: "webfront",
    user: "ada",
    vpc_id: "vpc-1",
    ami: "ami-made",
    pending_changes: [{ field: "modules" }],
    log_notifications: [],
    autoscale: { name: "as.shop", min: 0, max: 3 },
    blue_green: { enable_blue_green: true, color: "blue", is_online: true, alter_ego_id: "1", hooks: { pre_swap: toBase64(script) } },
    build_infos: { ssh_username: "admin", source_ami: "ami-1", subnet_id: "subnet-1", ami_name: "made", container_image: "x" },
    environment_infos: {
        instance_tags: [
            { tag_name: "Name", tag_value: "ec2.prod.webfront.shop" },
            { tag_name: "team", tag_value: "" },
        ],
    },
    env_vars: [{ var_key: "EMPTY", var_value: "" }],
    features: [{ name: "nginx", parameters: { ports: [], deep: { none: null, text: "" } } }],
    modules: [
        {
            name: "site",
            path: "/srv/site",
            scope: "code",
            git_repo: "https://x/site.git",
            source: { url: "https://x/site.git", protocol: "git", mode: "symlink" },
            initialized: true,
            last_deployment: "2",
            pre_deploy: toBase64(script),
            post_deploy: "",
            health_check: { type: "command", command: toBase64("true\n") },
        },
    ],
};

describe("a document while it is written", () => {
    it("has scripts in clear, and nothing of what the controller alone sets", () => {
        const draft = toDraft(stored);
        expect(getAt(draft, "modules.0.pre_deploy")).toBe(script);
        expect(getAt(draft, "modules.0.health_check.command")).toBe("true\n");
        expect(getAt(draft, "blue_green.hooks.pre_swap")).toBe(script);
        for (const path of ["_id", "_etag", "ami", "pending_changes", "blue_green.alter_ego_id", "build_infos.ami_name", "build_infos.container_image", "modules.0.initialized", "modules.0.last_deployment", "modules.0.git_repo"])
            expect(getAt(draft, path), path).toBeUndefined();
    });

    it("goes back as it came", () => {
        const wire = toWire(toDraft(stored));
        expect(getAt(wire, "modules.0.pre_deploy")).toBe(toBase64(script));
        expect(getAt(wire, "modules.0.source")).toEqual({ url: "https://x/site.git", protocol: "git", mode: "symlink" });
        expect(getAt(wire, "autoscale")).toEqual({ name: "as.shop", min: 0, max: 3 });
        expect(getAt(wire, "env_vars")).toEqual([{ var_key: "EMPTY", var_value: "" }]);
        expect(getAt(wire, "environment_infos.instance_tags.1")).toEqual({ tag_name: "team", tag_value: "" });
        // Left out: blank texts, empty lists.
        expect(getAt(wire, "modules.0.post_deploy")).toBeUndefined();
        expect(getAt(wire, "log_notifications")).toBeUndefined();
    });

    it("does not look into what a feature is given", () => {
        expect(getAt(toWire(toDraft(stored)), "features.0.parameters")).toEqual({ ports: [], deep: { none: null, text: "" } });
    });

    it("keeps a git_repo that is not the address of the source", () => {
        expect(getAt(toDraft({ modules: [{ name: "a", git_repo: "https://old" }] }), "modules.0.git_repo")).toBe("https://old");
    });

    it("is changed by path, and leaves the one before alone", () => {
        const draft = toDraft(stored);
        const next = setAt(draft, "environment_infos.root_block_device.size", 40);
        expect(getAt(next, "environment_infos.root_block_device")).toEqual({ size: 40 });
        expect(getAt(draft, "environment_infos.root_block_device")).toBeUndefined();
        expect(next.modules).toBe(draft.modules);
        expect(getAt(setAt(draft, "modules.0.source.protocol", "s3"), "modules.0.source.protocol")).toBe("s3");
        expect(getAt(setAt(draft, "autoscale.max", undefined), "autoscale")).toEqual({ name: "as.shop", min: 0 });
        expect(setAt(draft, "env_vars.0", undefined).env_vars).toEqual([]);
    });

    it("loses rows that were never filled before it is sent", () => {
        const draft = { env_vars: [{ var_key: "", var_value: "" }, { var_key: "A", var_value: "" }], environment_infos: { subnet_ids: ["", "subnet-1"] } };
        expect(withoutBlankRows(draft)).toEqual({ env_vars: [{ var_key: "A", var_value: "" }], environment_infos: { subnet_ids: ["subnet-1"] } });
    });

    it("knows what says nothing", () => {
        expect(isBlank({ a: "", b: [], c: { d: "" } })).toBe(true);
        expect(isBlank({ a: false })).toBe(false);
        expect(isBlank(0)).toBe(false);
    });
});

describe("where one starts", () => {
    it("new: with what was filled in always", () => {
        expect(toWire(newDraft())).toEqual({ build_infos: { ssh_username: "admin" }, environment_infos: { public_ip_address: true, root_block_device: { size: 20 } } });
    });

    it("like another: without what is that one's own", () => {
        const draft = cloneDraft(stored);
        expect(draft.autoscale).toEqual({ min: 0, max: 3 });
        expect(draft.user).toBeUndefined();
        expect(draft.blue_green).toEqual({ enable_blue_green: true, hooks: { pre_swap: script } });
        expect(getAt(draft, "environment_infos.instance_tags")).toEqual([{ tag_name: "team", tag_value: "" }]);
        expect(getAt(draft, "modules.0.name")).toBe("site");
    });
});
