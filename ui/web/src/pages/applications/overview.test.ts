import { describe, expect, it } from "vitest";

import { type AppOverview, environments, matching, releaseWords } from "./overview";

const app = (name: string, env: string, role: string): AppOverview => ({
    app_id: name + env,
    name,
    env,
    role,
    state: "current",
    instances: { total: 1, connected: 1, behind: 0 },
    modules: [],
    last_job: null,
});
const apps = [app("Shop", "prod", "web"), app("shop", "dev", "web"), app("billing", "dev", "worker")];

describe("the list of applications", () => {
    it("names each environment once, in order", () => expect(environments(apps)).toEqual(["dev", "prod"]));
    it("finds by part of the name, whatever its case", () => expect(matching(apps, { env: "", role: "", name: " SHOP " })).toHaveLength(2));
    it("takes all filters together", () => expect(matching(apps, { env: "dev", role: "web", name: "s" }).map((one) => one.app_id)).toEqual(["shopdev"]));
    it("is in the order of names", () => expect(matching(apps, { env: "", role: "", name: "" })[0]?.name).toBe("billing"));
});

describe("a release in words", () => {
    it("has its commit beside a revision", () => expect(releaseWords({ revision: "v2", commit: "59b3e41aa0" })).toBe("v2 (59b3e41)"));
    it("does not say the same twice", () => expect(releaseWords({ revision: "59b3e41", commit: "59b3e41aa0" })).toBe("59b3e41"));
    it("may be none", () => expect(releaseWords(null)).toBe("nothing"));
});
