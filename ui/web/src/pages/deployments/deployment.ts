/** A recorded deployment as the lists get it: with its application and its job inside. */
import type { Schemas } from "~/api/client";

import type { Overview } from "../applications/overview";

export type Deployment = Schemas["Deployment"];
type Embedded = { _id?: string; name?: string; env?: string; role?: string; user?: string; command?: string; modules?: { name?: string }[] };

/** What was embedded; null when it is gone by now. */
export function embedded(value: unknown): Embedded | null {
    return typeof value === "object" && value !== null ? (value as Embedded) : null;
}

export function appWords(app: Embedded | null): string {
    return app ? [app.name, app.env, app.role].join("/") : "an application that is gone";
}

/** Deployments that are what new instances get. */
export function wantedOf(overview: Overview | undefined): Set<string> {
    return new Set((overview?.apps ?? []).flatMap((app) => app.modules.flatMap((module) => module.wanted?.deployment_id ?? [])));
}

export type DeploymentFilter = { name: string; env: string; role: string; module: string; revision: string };

function like(word: string): { $regex: string } | undefined {
    return word ? { $regex: word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") } : undefined;
}

/** ids: of the applications that fit; null: no filter asks for it. */
export function whereOf(filter: DeploymentFilter, ids: string[] | null): Record<string, unknown> {
    const where: Record<string, unknown> = {};
    if (ids) where.app_id = { $in: ids };
    if (filter.module) where.module = like(filter.module);
    if (filter.revision) where.revision = like(filter.revision);
    return where;
}
