import { describe, expect, it } from "vitest";

import { offers } from "./pending";

const available: [string, string][] = [
    ["buildimage", "Build Image"],
    ["deploy", "Deploy module(s)"],
    ["newcommand", "Does something new"],
];
const fields: [string, string[]][] = [
    ["buildimage", ["features", "build_infos"]],
    ["deploy", ["modules"]],
];

describe("offers", () => {
    it("groups what there is, and says which changes it applies", () => {
        const change = { field: "features", user: "ann" };
        const groups = offers(available, fields, [change, { field: "autoscale" }]);
        expect(groups.map(([title, some]) => [title, some.map((offer) => offer.name)])).toEqual([
            ["Modules", ["deploy"]],
            ["Image and instances", ["buildimage"]],
            ["Others", ["newcommand"]],
        ]);
        expect(groups[1]![1][0]!.applies).toEqual([change]);
        expect(groups[0]![1][0]!.applies).toEqual([]);
        expect(groups[2]![1][0]!.title).toBe("Does something new");
    });
});
