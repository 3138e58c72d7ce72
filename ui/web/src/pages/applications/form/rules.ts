/** What is warned of while one writes, before the server is asked. */
import { type Doc, getAt, isObject, type Json } from "./document";

const FORBIDDEN = ["/", "/tmp", "/var", "/etc", "/ghost", "/root", "/home", "/home/admin"];

/** As the controller compares them: without doubled slashes and dots. */
export function normalPath(path: string): string {
    const kept: string[] = [];
    for (const part of path.split("/")) {
        if (part === "..") kept.pop();
        else if (part !== "" && part !== ".") kept.push(part);
    }
    return `/${kept.join("/")}`;
}

export function pathWarning(path: string, modules: Json | undefined, index: number): string | undefined {
    if (!path) return undefined;
    const normal = normalPath(path);
    if (FORBIDDEN.includes(normal)) return `${normal} belongs to the system: the controller refuses it. A folder inside it is fine.`;
    const others = Array.isArray(modules) ? modules : [];
    for (const [at, other] of others.entries()) {
        const theirs = isObject(other) && typeof other.path === "string" && other.path ? normalPath(other.path) : undefined;
        if (at === index || !theirs) continue;
        const name = isObject(other) && other.name ? `“${String(other.name)}”` : "another module";
        if (theirs === normal) return `Module ${name} has this path too`;
        if (normal.startsWith(`${theirs}/`)) return `This is inside the path of module ${name}`;
        if (theirs.startsWith(`${normal}/`)) return `The path of module ${name} is inside this one`;
    }
    return undefined;
}

/** What costs more than one expects. */
export function instanceTypeWarning(type: string): string | undefined {
    const size = /\.(\d*)x?large$|\.(metal.*)$/.exec(type);
    if (!size || (!size[2] && !/xlarge$/.test(type))) return undefined;
    return "A large instance type: it costs a multiple of a small one, for every instance of the application.";
}

export function variableWarning(name: string): string | undefined {
    if (/^ghost/i.test(name)) return /^(GHOST|ghost)/.test(name) ? "Names that begin with GHOST are set by Ghost: the controller refuses this one" : undefined;
    if (name && !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return "Letters, digits and underscores, no digit first";
    return undefined;
}

const RESERVED_TAGS = ["app", "app_id", "env", "role", "color"];

export function tagWarning(name: string): string | undefined {
    return RESERVED_TAGS.includes(name) || name.startsWith("ghost:") ? "Set by Ghost itself: what is written here is dropped" : undefined;
}

/** min and max are each fine alone. */
export function sizesWarning(draft: Doc): string | undefined {
    const [min, max] = ["autoscale.min", "autoscale.max"].map((path) => getAt(draft, path));
    return typeof min === "number" && typeof max === "number" && min > max ? "The smallest size is larger than the largest" : undefined;
}

export function twinWarning(on: boolean, was: boolean): string | undefined {
    if (on === was) return undefined;
    return on ? "Saving it makes the twin: this one becomes the blue half, the new one the green" : "Saving it deletes the twin, for good";
}

/** ${GHOST_…} in what a preset gives. */
export function fillPreset(value: string, draft: Doc, client: string): string {
    const words: Record<string, string> = { GHOST_CLIENT: client, GHOST_APP: String(draft.name ?? ""), GHOST_ENV: String(draft.env ?? ""), GHOST_ROLE: String(draft.role ?? "") };
    return value.replace(/\$\{(GHOST_(?:CLIENT|APP|ENV|ROLE))\}/g, (_, word: string) => words[word] ?? "");
}

export type Preset = { name: string; description?: string; features?: { name: string; value?: string | number; provisioner?: string }[] };

/** The features of an application with those of a preset after them; what is there already stays as it is. */
export function withPreset(draft: Doc, preset: Preset, client: string): { features: Json[]; added: number } {
    const known = getAt(draft, "features");
    const features = Array.isArray(known) ? [...known] : [];
    let added = 0;
    for (const { name, value, provisioner } of preset.features ?? []) {
        if (features.some((one) => isObject(one) && one.name === name && (one.provisioner ?? "") === (provisioner ?? ""))) continue;
        const version = value === undefined || value === null ? "" : fillPreset(String(value), draft, client);
        features.push({ name, ...(version ? { version } : {}), ...(provisioner ? { provisioner } : {}) });
        added++;
    }
    return { features, added };
}
