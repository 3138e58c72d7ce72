import { describe, expect, it } from "vitest";

import type { App } from "../ApplicationPage";
import { rowsOf, settingsOf } from "./settings";

describe("settings as rows", () => {
    it("name what is deep by its way", () => expect(rowsOf({ min: 1, group: { name: "web" } }, "autoscale")).toEqual([["autoscale · min", "1"], ["autoscale · group · name", "web"]]));
    it("put lists of words on one row", () => expect(rowsOf(["a", "b"], "subnet_ids")).toEqual([["subnet_ids", "a, b"]]));
    it("write pairs as pairs", () => expect(rowsOf([{ var_key: "PORT", var_value: "80" }], "env_vars")).toEqual([["env_vars 1", "PORT = 80"]]));
    it("leave out what is empty, not what is no or zero", () => expect(rowsOf({ a: "", b: null, c: [], d: false, e: 0 }, "")).toEqual([["d", "no"], ["e", "0"]]));
    it("show fields that no group knows", () =>
        expect(settingsOf({ _id: "1", _links: {}, name: "x", brand_new: 7 } as unknown as App)).toEqual([{ title: "Others", rows: [["brand_new", "7"]] }]));
});
