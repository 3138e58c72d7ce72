/** What AWS has to choose from, for the account, role and region of what is being written. */
import { useEffect, useState } from "preact/hooks";

import { query } from "~/api/client";
import { useQuery } from "~/api/use_query";

import { type Doc, getAt } from "./document";

export type Choice = { value: string; label?: string };
type Item = Record<string, unknown>;

type Source = { path: string; value: string; label: (item: Item) => string; inVpc?: boolean };

const words = (...parts: unknown[]) => parts.filter((part) => part !== undefined && part !== null && part !== "" && part !== false).join(" · ");

const SOURCES = {
    regions: { path: "/aws/regions", value: "name", label: () => "" },
    vpcs: { path: "/aws/vpcs", value: "id", label: (it) => words(it.name, it.cidr, it.is_default && "default") },
    subnets: { path: "/aws/subnets", value: "id", inVpc: true, label: (it) => words(it.name, it.zone, it.cidr, `${it.free_addresses} addresses free`) },
    groups: { path: "/aws/security-groups", value: "id", inVpc: true, label: (it) => words(it.name, it.description) },
    keys: { path: "/aws/key-pairs", value: "name", label: (it) => words(it.type) },
    types: { path: "/aws/instance-types", value: "name", label: (it) => words(`${it.cpus} CPU`, `${Number(it.memory_mib) / 1024} GiB`, (it.architectures as string[] | undefined)?.join(", ")) },
    profiles: { path: "/aws/instance-profiles", value: "name", label: (it) => words((it.roles as string[] | undefined)?.join(", ")) },
    images: { path: "/aws/images", value: "id", label: (it) => words(it.name, it.architecture) },
    scaling: { path: "/aws/autoscaling-groups", value: "name", label: (it) => words(`${it.min_size} to ${it.max_size}`, `${it.desired_capacity} wanted`) },
} satisfies Record<string, Source>;

export type SourceName = keyof typeof SOURCES;

/** Who asks AWS, where. */
export function identityOf(draft: Doc): Record<string, string> {
    const said: Record<string, string> = {};
    for (const name of ["region", "assumed_account_id", "assumed_role_name", "assumed_external_id", "assumed_region_name"]) {
        const value = draft[name];
        if (typeof value === "string" && value) said[name] = value;
    }
    // Half an identity is none.
    if (!said.assumed_account_id || !said.assumed_role_name) for (const name of Object.keys(said)) if (name !== "region") delete said[name];
    return said;
}

export function choicesPath(source: SourceName, draft: Doc): string {
    const { path, inVpc } = SOURCES[source] as Source;
    const vpc = getAt(draft, "vpc_id");
    return query(path, { ...identityOf(draft), ...(inVpc && typeof vpc === "string" && /^vpc-./.test(vpc) ? { vpc_id: vpc } : {}) });
}

export function readChoices(source: SourceName, items: Item[]): Choice[] {
    const { value, label } = SOURCES[source] as Source;
    return items.map((item) => ({ value: String(item[value] ?? ""), label: label(item) })).filter((choice) => choice.value);
}

const SETTLE_MS = 500;

/** Asked when it is wanted first, and again when another account or region has been written and left alone for a while. */
export function useChoices(source: SourceName | undefined, draft: Doc, wanted: boolean): { choices: Choice[]; message: string | undefined; loading: boolean } {
    const path = source && wanted ? choicesPath(source, draft) : null;
    const [settled, setSettled] = useState(path);
    useEffect(() => {
        if (settled === path) return;
        const timer = setTimeout(() => setSettled(path), settled === null ? 0 : SETTLE_MS);
        return () => clearTimeout(timer);
    }, [path]);
    const { data, error, loading } = useQuery<{ _items?: Item[] }>(settled);
    return { choices: source ? readChoices(source, data?._items ?? []) : [], message: error?.message, loading };
}
