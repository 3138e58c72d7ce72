import { describe, expect, it } from "vitest";

import type { Overview } from "../applications/overview";
import { appWords, embedded, wantedOf, whereOf } from "./deployment";

const none = { name: "", env: "", role: "", module: "", revision: "" };

describe("a deployment", () => {
    it("is wanted when the overview says so of a module", () => {
        const module = (wanted: unknown) => ({ name: "site", running: [], wanted });
        const overview = { apps: [{ modules: [module({ deployment_id: "d1" }), module(null)] }] } as unknown as Overview;
        expect([...wantedOf(overview)]).toEqual(["d1"]);
        expect(wantedOf(undefined).size).toBe(0);
    });
    it("outlives its application", () => expect([embedded(null), appWords(null)]).toEqual([null, "an application that is gone"]));
});

describe("the filter of the list", () => {
    it("is empty without one", () => expect(whereOf(none, null)).toEqual({}));
    it("finds words as they are written", () => expect(whereOf({ ...none, revision: "v1.2" }, null)).toEqual({ revision: { $regex: "v1\\.2" } }));
    it("finds nothing when no application fits", () => expect(whereOf({ ...none, env: "prod" }, [])).toEqual({ app_id: { $in: [] } }));
});
