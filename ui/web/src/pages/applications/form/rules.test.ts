import { describe, expect, it, vi } from "vitest";

import { fitting } from "./Combobox";
import type { Json } from "./document";
import { askChoices, choicesPath, identityOf, readChoices, unknownTo } from "./choices";
import { newestImages } from "./FindImage";
import { withType } from "./HealthSwitch";
import { moved } from "./list_order";
import { instanceTypeWarning, normalPath, pathWarning, sizesWarning, tagWarning, twinWarning, variableWarning, withPreset } from "./rules";
import { freeDevice } from "./sections/disks";
import { sourceKind } from "./source_kind";
import { shortReason } from "./TextInput";

describe("what is warned of", () => {
    it("paths of the system, and those that meet", () => {
        const modules: Json[] = [{ name: "a", path: "/srv/a" }, { name: "b", path: "/srv/a/b" }, { path: "/srv/a-2" }];
        expect(normalPath("//srv/./x/../a/")).toBe("/srv/a");
        expect(pathWarning("/var/", modules, 5)).toMatch(/^\/var belongs/);
        expect(pathWarning("/var/www", modules, 5)).toBeUndefined();
        expect(pathWarning("/srv/a/b", modules, 1)).toBe("This is inside the path of module “a”");
        expect(pathWarning("/srv/a", modules, 0)).toBe("The path of module “b” is inside this one");
        expect(pathWarning("/srv/a", modules, 5)).toBe("Module “a” has this path too");
        expect(pathWarning("/srv/a-2", modules, 2)).toBeUndefined();
        expect(pathWarning("", modules, 2)).toBeUndefined();
    });

    it.each([
        ["t3.micro", false],
        ["m5.large", false],
        ["m5.xlarge", true],
        ["c5.18xlarge", true],
        ["m5.metal", true],
        ["", false],
    ])("instance type %s: %s", (type, warned) => {
        expect(instanceTypeWarning(type) !== undefined).toBe(warned);
    });

    it("variables and tags that are Ghost's", () => {
        expect(variableWarning("GHOST_APP")).toMatch(/refuses/);
        expect(variableWarning("1A")).toMatch(/digit/);
        expect(variableWarning("PATH_1")).toBeUndefined();
        expect(tagWarning("env")).toMatch(/dropped/);
        expect(tagWarning("team")).toBeUndefined();
    });

    it("a twin that comes or goes", () => {
        expect(twinWarning(false, true)).toMatch(/deletes/);
        expect(twinWarning(true, false)).toMatch(/makes/);
        expect(twinWarning(true, true)).toBeUndefined();
    });

    it("sizes that cannot be", () => {
        expect(sizesWarning({ autoscale: { min: 3, max: 1 } })).toBeDefined();
        expect(sizesWarning({ autoscale: { min: 1, max: 1 } })).toBeUndefined();
        expect(sizesWarning({ autoscale: { min: 3 } })).toBeUndefined();
    });
});

describe("presets", () => {
    it("fill in what they are of, and leave what is there", () => {
        const draft = { name: "shop", env: "prod", role: "web", features: [{ name: "nginx", provisioner: "package" }] };
        const preset = { name: "p", features: [{ name: "nginx", provisioner: "package" }, { name: "php", value: 8.2 }, { name: "site", value: "${GHOST_APP}.${GHOST_ENV}.${GHOST_CLIENT}", provisioner: "shell" }] };
        expect(withPreset(draft, preset, "ghost.example.com")).toEqual({
            added: 2,
            features: [
                { name: "nginx", provisioner: "package" },
                { name: "php", version: "8.2" },
                { name: "site", version: "shop.prod.ghost.example.com", provisioner: "shell" },
            ],
        });
    });
});

describe("what AWS has to choose from", () => {
    it("is asked as whom and where the application will be", () => {
        expect(identityOf({ region: "eu-west-1", assumed_account_id: "1" })).toEqual({ region: "eu-west-1" });
        expect(identityOf({ assumed_account_id: "1", assumed_role_name: "r", assumed_external_id: "x" })).toEqual({ assumed_account_id: "1", assumed_role_name: "r", assumed_external_id: "x" });
        expect(choicesPath("subnets", { region: "eu-west-1", vpc_id: "vpc-1" })).toBe("/aws/subnets?region=eu-west-1&vpc_id=vpc-1");
        expect(choicesPath("subnets", { vpc_id: "vpc-" })).toBe("/aws/subnets");
        expect(choicesPath("vpcs", { vpc_id: "vpc-1" })).toBe("/aws/vpcs");
    });

    it("says what each is", () => {
        expect(readChoices("vpcs", [{ id: "vpc-1", name: "", cidr: "10.0.0.0/16", is_default: true }, { name: "no id" }])).toEqual([{ value: "vpc-1", label: "10.0.0.0/16 · default" }]);
        expect(readChoices("types", [{ name: "t3.micro", cpus: 2, memory_mib: 1024, architectures: ["x86_64"] }])).toEqual([{ value: "t3.micro", label: "2 CPU · 1 GiB · x86_64" }]);
    });

    it("is asked once for all fields, and again when it was refused or is old", async () => {
        const answers = [new Response('{"_items": [{"id": "vpc-1"}]}'), new Response('{"_error": {"code": 502, "message": "AWS is away"}}', { status: 502 }), new Response("{}"), new Response("{}")];
        const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(answers.shift()!));
        const [one, two] = await Promise.all([askChoices("/aws/vpcs", 0), askChoices("/aws/vpcs", 10)]);
        expect(one.items).toEqual([{ id: "vpc-1" }]);
        expect(two).toBe(one);
        expect(fetched).toHaveBeenCalledTimes(1);
        expect((await askChoices("/aws/vpcs", 100_000)).message).toBe("AWS is away");
        expect(await askChoices("/aws/vpcs", 100_001)).toEqual({ items: [] });
        expect(fetched).toHaveBeenCalledTimes(3);
        fetched.mockRestore();
    });

    it("or says why not, in short", () => {
        expect(shortReason("after 2 attempts: DescribeVpcs: AuthFailure: not able to (request 98af-446c)")).toBe("DescribeVpcs: AuthFailure: not able to");
        expect(shortReason("The controller does not answer")).toBe("The controller does not answer");
    });

    it("offers the newest images first", () => {
        const found = newestImages([{ id: "ami-1", name: "a", creation_date: "2026-01-01T00:00:00.000Z" }, { id: "ami-2", name: "b", creation_date: "2026-02-01T00:00:00.000Z" }]);
        expect(found.map(({ id }) => id)).toEqual(["ami-2", "ami-1"]);
        expect(choicesPath("images", { region: "eu-west-1" }, { owner: "amazon", name: "al2023-*" })).toBe("/aws/images?region=eu-west-1&owner=amazon&name=al2023-*");
    });

    it("does not have what belongs elsewhere", () => {
        const choices = [{ value: "subnet-1" }];
        expect(unknownTo("subnets", choices, "subnet-2")).toBe("AWS has no subnet “subnet-2” in this VPC and region");
        expect(unknownTo("subnets", choices, "subnet-1")).toBeUndefined();
        expect(unknownTo("subnets", [], "subnet-2")).toBeUndefined();
        expect(unknownTo("scaling", [{ value: "as.a" }], "as.new")).toBeUndefined();
        expect(unknownTo(undefined, choices, "x")).toBeUndefined();
    });

    it("is narrowed by what is typed, what begins so first", () => {
        const choices = [{ value: "a.t3" }, { value: "t3.micro", label: "2 CPU" }, { value: "m5.large", label: "8 CPU" }];
        expect(fitting(choices, "t3").map(({ value }) => value)).toEqual(["t3.micro", "a.t3"]);
        expect(fitting(choices, "8 cpu").map(({ value }) => value)).toEqual(["m5.large"]);
    });
});

describe("parts of the form", () => {
    it("lists keep what is moved", () => {
        expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
        expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
        expect(moved(["a"], 0, 1)).toEqual(["a"]);
    });

    it("another kind of health check takes along only what it knows", () => {
        expect(withType({ type: "http", port: 80, path: "/up", interval: 3 }, "tcp")).toEqual({ type: "tcp", port: 80, interval: 3 });
        expect(withType(undefined, "command")).toEqual({ type: "command" });
        expect(withType({ type: "tcp" }, "")).toBeUndefined();
    });

    it("a new volume takes a device that is free", () => {
        expect(freeDevice([])).toBe("/dev/xvdb");
        expect(freeDevice([{ device_name: "/dev/xvdb" }, { device_name: "/dev/xvdd" }])).toBe("/dev/xvdc");
    });

    it("the source of builds is the one that is there", () => {
        expect(sourceKind({})).toBe("source_ami");
        expect(sourceKind({ build_infos: { source_ami_parameter: "" } })).toBe("source_ami_parameter");
    });
});
