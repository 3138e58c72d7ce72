import { describe, expect, it } from "vitest";

import { kindOf, nameWarning, parametersWarning, variablesOf, versionWarning } from "./feature_kinds";
import { choicesOf, gather } from "./feature_names";

describe("a feature", () => {
    it("is what its provisioner makes of it; without one it is salt's", () => {
        expect(kindOf({ name: "x" }).name.label).toBe("Formula");
        expect(kindOf({ name: "x", provisioner: "ansible" }).name.label).toBe("Role");
        expect(kindOf({ name: "x", provisioner: "other" })).toMatchObject({ title: "other", name: { label: "Name" } });
    });

    it("is told what the controller would refuse", () => {
        expect(nameWarning("nginx", { provisioner: "package" })).toBeUndefined();
        expect(nameWarning("two words", { provisioner: "package" })).toMatch(/refuses/);
        expect(nameWarning("-y", { provisioner: "package" })).toMatch(/option/);
        expect(nameWarning("tool.sh", { provisioner: "shell" })).toMatch(/added/);
        expect(nameWarning("php5-mysql", {})).toMatch(/pillar/);
        expect(versionWarning("1 0", { provisioner: "package" })).toMatch(/refuses/);
    });

    it("is told what is not used", () => {
        expect(versionWarning("1.2", { provisioner: "ansible" })).toMatch(/key=value/);
        expect(versionWarning("a=1", { provisioner: "ansible" })).toBeUndefined();
        expect(versionWarning("a=1", { provisioner: "ansible", parameters: { b: 1 } })).toMatch(/parameters below/);
        expect(parametersWarning({ a: 1 }, { provisioner: "package" })).toMatch(/Not used/);
        expect(parametersWarning({ a: 1 }, { provisioner: "" })).toMatch(/salt/);
        expect(parametersWarning({ role: "x" }, { provisioner: "ansible" })).toMatch(/role/);
        expect(parametersWarning({ a: 1 }, { provisioner: "shell" })).toBeUndefined();
    });

    it("gives its parameters to a script as variables", () => {
        expect(variablesOf({ "listen-port": 80, name: "a b", all: [1, true], ünit: "x" })).toEqual([
            ["GHOST_FEATURE_LISTEN_PORT", "80"],
            ["GHOST_FEATURE_NAME", "a b"],
            ["GHOST_FEATURE_ALL", "[1,true]"],
            ["GHOST_FEATURE___NIT", "x"],
        ]);
    });
});

describe("known names", () => {
    const known = gather(
        [{ name: "web", features: [{ name: "nginx", provisioner: "package" }, { name: "common" }] }],
        ["a", "b", "c", "d"].map((name) => ({ name, env: "dev", features: [{ name: "nginx", provisioner: "package" }, { name: "users", provisioner: "salt" }] })),
    );

    it("are those of the same provisioner, with where they are from", () => {
        expect(choicesOf(known, "package")).toEqual([{ value: "nginx", label: "Used in preset web, a/dev, b/dev and 2 more" }]);
        expect(choicesOf(known, "").map((one) => one.value)).toEqual(["common", "users"]);
        expect(choicesOf(known, "ansible")).toEqual([]);
    });
});
