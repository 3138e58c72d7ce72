import { describe, expect, it } from "vitest";

import { firstColumns, lanesOfSearch, searchWithLanes, withColumn, withLane } from "./lane_choice";

const KNOWN = ["controller", "i-0a", "i-0b", "i-0c", "i-0d"];

describe("lanes in the address", () => {
    it("are read as they are written", () => {
        for (const names of [[], ["i-0a"], ["controller", "i-0a", "i-0b"]]) expect(lanesOfSearch(searchWithLanes("", names))).toEqual(names);
        expect(searchWithLanes("?page=2&lanes=i-0a", ["i-0b", "i-0c"])).toBe("?page=2&lanes=i-0b,i-0c");
        expect(searchWithLanes("?lanes=i-0a", [])).toBe("");
    });

    it("are four at most, each once, and nothing else", () => {
        expect(lanesOfSearch("?lanes=i-0a,<b>,i-0a,,i-0b,i-0c,controller,i-0d")).toEqual(["i-0a", "i-0b", "i-0c", "controller"]);
    });
});

describe("columns", () => {
    it("begin with two instances, or with what there is", () => {
        expect(firstColumns(KNOWN, [])).toEqual(["i-0a", "i-0b"]);
        expect(firstColumns(KNOWN, ["i-0c"])).toEqual(["i-0a", "i-0c"]);
        expect(firstColumns(["controller", "i-0a"], [])).toEqual(["controller", "i-0a"]);
    });

    it("get the next that has none, up to four", () => {
        expect(withColumn(KNOWN, ["i-0a", "i-0c"])).toEqual(["i-0a", "i-0c", "i-0b"]);
        expect(withColumn(["controller", "i-0a", "i-0b"], ["i-0a", "i-0b"])).toEqual(["i-0a", "i-0b", "controller"]);
        expect(withColumn(KNOWN, ["i-0a", "i-0b", "i-0c", "i-0d"])).toHaveLength(4);
    });

    it("change places with what another one has", () => {
        expect(withLane(["i-0a", "i-0b"], 0, "i-0c")).toEqual(["i-0c", "i-0b"]);
        expect(withLane(["i-0a", "i-0b"], 0, "i-0b")).toEqual(["i-0b", "i-0a"]);
    });
});
