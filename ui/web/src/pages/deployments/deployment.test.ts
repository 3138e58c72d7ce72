import { describe, expect, it } from "vitest";

import { appWords, type Deployment, embedded, isWanted, whereOf } from "./deployment";

const none = { name: "", env: "", role: "", module: "", revision: "" };

describe("a deployment", () => {
    const of = (last: string) => ({ _id: "d1", app_id: { name: "shop", modules: [{ last_deployment: last }] } }) as unknown as Deployment;
    it("is wanted when its application's module says so", () => expect([isWanted(of("d1")), isWanted(of("d2"))]).toEqual([true, false]));
    it("outlives its application", () => expect([embedded(null), appWords(null), isWanted({ _id: "d1", app_id: null } as unknown as Deployment)]).toEqual([null, "an application that is gone", false]));
});

describe("the filter of the list", () => {
    it("is empty without one", () => expect(whereOf(none, null)).toEqual({}));
    it("finds words as they are written", () => expect(whereOf({ ...none, revision: "v1.2" }, null)).toEqual({ revision: { $regex: "v1\\.2" } }));
    it("finds nothing when no application fits", () => expect(whereOf({ ...none, env: "prod" }, [])).toEqual({ app_id: { $in: [] } }));
});
