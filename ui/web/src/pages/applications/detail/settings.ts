/** How an application is set up, as names and values in groups. */
import type { App } from "../ApplicationPage";

export type Group = { title: string; rows: [name: string, value: string][] };

const GROUPS: { title: string; fields: string[] }[] = [
    { title: "AWS", fields: ["region", "vpc_id", "assumed_account_id", "assumed_role_name", "assumed_region_name", "instance_type", "instance_monitoring", "ami", "build_infos"] },
    { title: "Instances", fields: ["environment_infos", "env_vars"] },
    { title: "Auto Scaling", fields: ["autoscale"] },
    { title: "Deployments", fields: ["safe-deployment", "blue_green", "notification_endpoint"] },
    { title: "Notifications", fields: ["log_notifications"] },
    { title: "Features", fields: ["features"] },
];
/** Shown elsewhere on the page, or bookkeeping. */
const ELSEWHERE = new Set(["name", "env", "role", "description", "modules", "lifecycle_hooks", "pending_changes", "user"]);

function isPlain(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "subnet_ids: a, b": what is deep is flattened, what is empty left out. */
export function rowsOf(value: unknown, name: string): [string, string][] {
    if (value === undefined || value === null || value === "") return [];
    if (Array.isArray(value)) {
        if (value.every((one) => typeof one !== "object")) return value.length ? [[name, value.join(", ")]] : [];
        return value.flatMap((one, at) => rowsOf(named(one) ?? one, `${name} ${at + 1}`));
    }
    if (isPlain(value)) return Object.entries(value).flatMap(([key, inner]) => rowsOf(inner, name ? `${name} · ${key}` : key));
    return [[name, typeof value === "boolean" ? (value ? "yes" : "no") : String(value)]];
}

/** Pairs that the API writes as objects. */
function named(value: unknown): string | undefined {
    if (!isPlain(value)) return undefined;
    for (const [key, content] of [
        ["var_key", "var_value"],
        ["tag_name", "tag_value"],
    ] as const)
        if (key in value) return `${String(value[key])} = ${String(value[content] ?? "")}`;
    return undefined;
}

export function settingsOf(app: App): Group[] {
    const members = app as unknown as Record<string, unknown>;
    const known = new Set(GROUPS.flatMap((group) => group.fields));
    const others = Object.keys(members).filter((name) => !known.has(name) && !ELSEWHERE.has(name) && !name.startsWith("_"));
    return [...GROUPS, { title: "Others", fields: others }]
        .map(({ title, fields }) => ({ title, rows: fields.flatMap((field) => rowsOf(members[field], field)) }))
        .filter((group) => group.rows.length > 0);
}
