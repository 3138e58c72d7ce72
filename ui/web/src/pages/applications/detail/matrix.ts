/** Who runs what: a row for each instance, a cell for each module. */
import type { Schemas } from "~/api/client";

import type { AppOverview, Release } from "../overview";

export type Instance = Schemas["Instance"];
type ModuleState = NonNullable<Instance["modules"]>[number];

export type Cell = {
    module: string;
    state: ModuleState | undefined;
    wanted: Release | null;
    /** none: nothing is wanted and nothing runs. */
    drift: "right" | "behind" | "missing" | "none" | "left";
    /** Why a job left it on another release. */
    why: string;
};

export function isThere(instance: Instance): boolean {
    return instance.state !== "gone" && instance.purpose !== "bake";
}

function driftOf(state: ModuleState | undefined, wanted: Release | null, why: string): Cell["drift"] {
    if (!wanted) return state?.manifest_sha256 ? "behind" : "none";
    if (state?.manifest_sha256 === wanted.manifest_sha256) return "right";
    if (why) return "left";
    return state?.manifest_sha256 ? "behind" : "missing";
}

export function cellsOf(instance: Instance, modules: AppOverview["modules"]): Cell[] {
    return modules.map(({ name, wanted }) => {
        const state = instance.modules?.find((one) => one.module === name);
        const why = instance.deviations?.find((one) => one.module === name)?.why ?? "";
        return { module: name, state, wanted, drift: driftOf(state, wanted, why), why };
    });
}

/** Those first that need a look. */
export function inOrder(instances: Instance[]): Instance[] {
    const rank = (one: Instance) => (one.connected ? 1 : 0);
    return instances.filter(isThere).sort((a, b) => rank(a) - rank(b) || (a.instance_id ?? "").localeCompare(b.instance_id ?? ""));
}
