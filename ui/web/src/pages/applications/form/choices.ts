/** What AWS has to choose from, for the account, role and region of what is being written. */
import { useEffect, useState } from "preact/hooks";

import { api, ApiError, query } from "~/api/client";

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

/** Of which AWS has all that there are, and what one is called: not an image, which may be another's, nor a group that is made later. */
const WHOLE: Partial<Record<SourceName, string>> = {
    vpcs: "VPC",
    subnets: "subnet",
    groups: "security group",
    keys: "key pair",
    types: "instance type",
    profiles: "instance profile",
};

export function unknownTo(source: SourceName | undefined, choices: Choice[], value: string): string | undefined {
    const kind = source && WHOLE[source];
    if (!kind || !value || !choices.length || choices.some((choice) => choice.value === value)) return undefined;
    return `AWS has no ${kind} “${value}” in this ${(SOURCES[source] as Source).inVpc ? "VPC and region" : "region"}`;
}

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

export function choicesPath(source: SourceName, draft: Doc, more: Record<string, string> = {}): string {
    const { path, inVpc } = SOURCES[source] as Source;
    const vpc = getAt(draft, "vpc_id");
    return query(path, { ...identityOf(draft), ...(inVpc && typeof vpc === "string" && /^vpc-./.test(vpc) ? { vpc_id: vpc } : {}), ...more });
}

export function readChoices(source: SourceName, items: Item[]): Choice[] {
    const { value, label } = SOURCES[source] as Source;
    return items.map((item) => ({ value: String(item[value] ?? ""), label: label(item) })).filter((choice) => choice.value);
}

type Answer = { items: Item[]; message?: string };

const FRESH_MS = 60_000;
const asked = new Map<string, { at: number; answer: Promise<Answer> }>();

/** Many fields want the same: it is asked once for all, and again when it may be old or was refused. */
export function askChoices(path: string, now = Date.now()): Promise<Answer> {
    const known = asked.get(path);
    if (known && now - known.at < FRESH_MS) return known.answer;
    const answer = api.get<{ _items?: Item[] }>(path).then(
        ({ _items }): Answer => ({ items: _items ?? [] }),
        (error: unknown): Answer => {
            asked.delete(path);
            return { items: [], message: error instanceof ApiError ? error.message : String(error) };
        },
    );
    asked.set(path, { at: now, answer });
    return answer;
}

const SETTLE_MS = 500;

/** Asked when it is wanted first, and again when another account or region has been written and left alone for a while. */
export function useChoices(source: SourceName | undefined, draft: Doc, wanted: boolean): { choices: Choice[]; message: string | undefined; loading: boolean } {
    const path = source && wanted ? choicesPath(source, draft) : null;
    const [shown, setShown] = useState<{ path: string; answer: Answer }>();
    useEffect(() => {
        if (!path) return;
        let gone = false;
        const timer = setTimeout(
            () => {
                void askChoices(path).then((answer) => {
                    if (!gone) setShown({ path, answer });
                });
            },
            shown ? SETTLE_MS : 0,
        );
        return () => {
            gone = true;
            clearTimeout(timer);
        };
    }, [path]);
    const answer = path && shown?.path === path ? shown.answer : undefined;
    return { choices: source ? readChoices(source, answer?.items ?? []) : [], message: answer?.message, loading: path !== null && !answer };
}
