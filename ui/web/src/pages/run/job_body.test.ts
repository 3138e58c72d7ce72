import { describe, expect, it } from "vitest";

import { toBase64 } from "~/parts/base64";

import { COMMANDS, findCommand, freshValues } from "./commands";
import { jobBody, optionsInWords, readOptions, writeOptions } from "./job_body";

const command = (name: string) => findCommand(name)!;
const write = (name: string, values: Record<string, string>) => writeOptions(command(name), { ...freshValues(command(name)), ...values });

describe("writeOptions", () => {
    it("is what the command line sends", () => {
        expect(write("deploy", {})).toEqual(["serial"]);
        expect(write("deploy", { strategy: "parallel", safe: "25%" })).toEqual(["parallel", "25%"]);
        expect(write("deploy", { min_healthy: "50%", max_failures: "1", rollback: "all", approve: "first" })).toEqual(["serial", "min_healthy=50%", "max_failures=1", "rollback=all", "approve=first"]);
        expect(write("redeploy", { deployment: "0123456789abcdef01234567", safe: "1by1" })).toEqual(["0123456789abcdef01234567", "serial", "1by1"]);
        expect(write("executescript", { script: "#!/bin/sh\r\ntrue\n", user: "www", deadline: "60" })).toEqual([toBase64("#!/bin/sh\ntrue\n"), "", "serial", "1by1", "user=www", "deadline=60"]);
        expect(write("executescript", { script: "#!/bin/sh\n", strategy: "single", address: "10.0.0.7", safe: "50%", min_healthy: "2" })).toEqual([toBase64("#!/bin/sh\n"), "", "single", "10.0.0.7"]);
        expect(write("buildimage", {})).toEqual([]);
        expect(write("buildimage", { skip_bootstrap: "True" })).toEqual(["True"]);
        expect(write("createinstance", { subnet: "subnet-1", ip: " 10.0.0.7 " })).toEqual(["subnet-1", "10.0.0.7"]);
        expect(write("createinstance", { ip: "10.0.0.7" })).toEqual([]);
        expect(write("preparebluegreen", {})).toEqual(["False", "True"]);
        expect(write("swapbluegreen", {})).toEqual(["overlap"]);
        expect(write("recreateinstances", { rolling: "1/3" })).toEqual(["1/3"]);
        expect(write("destroyallinstances", {})).toEqual([]);
    });

    it("is read back as it was written", () => {
        const samples: Record<string, string> = { strategy: "parallel", safe: "25%", min_healthy: "50%", max_failures: "2", rollback: "all", deployment: "a=b", script: "#!/bin/sh\nX=1\n", module: "min_healthy=1", user: "www", deadline: "9", approve: "each", subnet: "subnet-1", ip: "10.0.0.7", rolling: "3", instance: "i-1", how: "isolated", copy_ami: "True", attach_elb: "", skip_bootstrap: "False" };
        for (const one of COMMANDS) {
            const values = Object.fromEntries(one.options.map((option) => [option.key, samples[option.key] ?? option.fallback]));
            const shown = one.options.filter((option) => !option.when || option.when(values)).map((option) => option.key);
            const back = readOptions(one, writeOptions(one, values));
            for (const key of shown) if (key !== "instance_type") expect([one.name, key, back[key]]).toEqual([one.name, key, values[key]]);
        }
    });
});

describe("readOptions", () => {
    it("takes what former clients sent", () => {
        expect(readOptions(command("deploy"), ["parallel", "None"])).toMatchObject({ strategy: "parallel", safe: "" });
        expect(readOptions(command("executescript"), [toBase64("#!/bin/sh\n"), "", "single", "10.0.0.7"])).toMatchObject({ strategy: "single", address: "10.0.0.7", safe: "" });
        expect(readOptions(command("buildimage"), ["yes"])).toMatchObject({ skip_bootstrap: "yes" });
        expect(readOptions(command("deploy"), ["min_healthy=2"])).toMatchObject({ strategy: "serial", min_healthy: "2" });
    });
});

describe("jobBody", () => {
    it("has modules and the type of instance where the command has them", () => {
        expect(jobBody(command("deploy"), "a1", freshValues(command("deploy")), [{ name: "site", rev: " " }])).toEqual({ command: "deploy", app_id: "a1", options: ["serial"], modules: [{ name: "site", rev: "HEAD" }] });
        expect(jobBody(command("buildimage"), "a1", { instance_type: "t3.small", skip_bootstrap: "" }, [])).toEqual({ command: "buildimage", app_id: "a1", options: [], instance_type: "t3.small" });
    });
});

describe("optionsInWords", () => {
    const words = (name: string, options: string[], type?: string) => optionsInWords(name, options, type).map(([label, text]) => `${label}: ${text}`);

    it("says what was asked for", () => {
        expect(words("deploy", ["serial", "1by1", "min_healthy=2", "rollback=all"])).toEqual([
            "Inside a batch: One instance after the other",
            "Batches: 1by1",
            "Must stay healthy: 2",
            "When it fails, batches that are done go back too: yes",
        ]);
        expect(words("buildimage", [], "t3.micro")).toEqual(["Type of the instance that builds: t3.micro"]);
        expect(words("executescript", [toBase64("#!/bin/sh\ntrue\n"), "site", "parallel"])).toEqual(["Script: 2 lines", "In the folder of: site", "On: All instances at once"]);
        expect(words("deploy", [])).toEqual([]);
        expect(words("unknown", ["x"])).toEqual(["Option 1: x"]);
    });
});
