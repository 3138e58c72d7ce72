import { describe, expect, it } from "vitest";

import { cellsOf, inOrder, type Instance } from "./matrix";

const wanted = { manifest_sha256: "new", revision: "v2", commit: "b", deployment_id: "d" };
const modules = [{ name: "site", wanted, running: [] }];
const instance = (members: Partial<Instance>): Instance => ({ _id: "0", _links: {}, state: "ready", purpose: "instance", connected: true, ...members }) as Instance;
const runs = (release: string) => instance({ modules: [{ module: "site", manifest_sha256: release }] });

describe("a cell", () => {
    const drift = (one: Instance) => cellsOf(one, modules)[0]?.drift;
    it("is right on the wanted release", () => expect(drift(runs("new"))).toBe("right"));
    it("is behind on another", () => expect(drift(runs("old"))).toBe("behind"));
    it("is missing without any", () => expect(drift(instance({}))).toBe("missing"));
    it("is missing where the first deploy failed", () => expect(drift(runs(""))).toBe("missing"));
    it("says why a job left it", () => {
        const [cell] = cellsOf({ ...runs("old"), deviations: [{ module: "site", why: "was allowed to fail" }] }, modules);
        expect([cell?.drift, cell?.why]).toEqual(["left", "was allowed to fail"]);
    });
    it("is none where nothing is wanted", () => expect(cellsOf(instance({}), [{ name: "site", wanted: null, running: [] }])[0]?.drift).toBe("none"));
});

describe("the rows", () => {
    it("leave out what is gone or only bakes an image", () =>
        expect(inOrder([instance({ state: "gone" }), instance({ purpose: "bake" }), instance({ instance_id: "i-1" })]).map((one) => one.instance_id)).toEqual(["i-1"]));
    it("begin with those without an agent", () =>
        expect(inOrder([instance({ instance_id: "i-1" }), instance({ instance_id: "i-2", connected: false })])[0]?.instance_id).toBe("i-2"));
});
