import { describe, expect, it } from "vitest";

import { leftOver, recommend } from "./recommend";

const commands: [string, string[]][] = [
    ["buildimage", ["features", "build_infos"]],
    ["deploy", ["modules"]],
    ["recreateinstances", ["features", "environment_infos"]],
    ["updateautoscaling", ["autoscale", "environment_infos"]],
];
const changed = (...fields: string[]) => fields.map((field) => ({ field, user: "ada" }));

describe("what to run after an edit", () => {
    it("is nothing without changes", () => expect(recommend([], commands)).toEqual([]));
    it("is one command for what it covers together", () =>
        expect(recommend(changed("features", "build_infos"), commands).map((one) => one.command)).toEqual(["buildimage"]));
    it("keeps the order in which the commands stand", () =>
        expect(recommend(changed("autoscale", "modules", "build_infos"), commands).map((one) => one.command)).toEqual(["buildimage", "deploy", "updateautoscaling"]));
    it("names each change once", () => {
        const chosen = recommend(changed("features", "environment_infos", "autoscale", "build_infos"), commands);
        expect(chosen.flatMap((one) => one.changes.map((change) => change.field)).sort()).toEqual(["autoscale", "build_infos", "environment_infos", "features"]);
    });
    it("leaves what no command applies", () => {
        const changes = changed("description", "modules");
        expect(leftOver(changes, recommend(changes, commands))).toEqual([{ field: "description", user: "ada" }]);
    });
});
