/**
 * An application while it is written. What the API has in base64 (scripts) is clear text here, what the controller
 * alone sets is not here, and what is blank is left out only when it is sent.
 */
import { fromBase64, toBase64 } from "~/parts/base64";

import { isScriptPath } from "./scripts";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Doc = { [name: string]: Json };

export function isObject(value: unknown): value is Doc {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** By names and indexes with dots between: "modules.0.source.url". */
export function getAt(doc: Json | undefined, path: string): Json | undefined {
    let value: Json | undefined = doc;
    for (const word of path ? path.split(".") : []) {
        if (Array.isArray(value)) value = value[Number(word)];
        else if (isObject(value)) value = value[word];
        else return undefined;
    }
    return value;
}

/** Another document with value there; undefined takes it away. What is between is made. */
export function setAt(doc: Doc, path: string, value: Json | undefined): Doc {
    const [word, ...rest] = path.split(".") as [string, ...string[]];
    return put(doc, word, rest, value) as Doc;
}

function put(holder: Json | undefined, word: string, rest: string[], value: Json | undefined): Json {
    const inner = rest.length ? (below: Json | undefined) => put(below, rest[0]!, rest.slice(1), value) : () => value;
    if (Array.isArray(holder)) {
        const copy = [...holder];
        const made = inner(copy[Number(word)]);
        if (made !== undefined) copy[Number(word)] = made;
        else copy.splice(Number(word), 1);
        return copy;
    }
    const copy: Doc = isObject(holder) ? { ...holder } : {};
    const made = inner(copy[word]);
    if (made === undefined) delete copy[word];
    else copy[word] = made;
    return copy;
}

/** What the controller alone sets, by path; * is any element. */
const READ_ONLY = ["ami", "pending_changes", "blue_green.alter_ego_id", "build_infos.ami_name", "build_infos.container_image", "modules.*.initialized", "modules.*.last_deployment"];

const pattern = (path: string) => path.replace(/\.\d+(?=\.|$)/g, ".*");

/** Every member, from the leaves up; undefined leaves it out. */
function rewrite(value: Json, change: (value: Json, path: string) => Json | undefined, path = ""): Json | undefined {
    const inside = (name: string | number) => (path ? `${path}.${name}` : `${name}`);
    // What a feature is given is its own: it is not looked into.
    if (/^features\.\d+\.parameters$/.test(path)) return change(value, path);
    if (Array.isArray(value))
        return change(
            value.map((one, i) => rewrite(one, change, inside(i))).filter((one): one is Json => one !== undefined),
            path,
        );
    if (!isObject(value)) return change(value, path);
    const made: Doc = {};
    for (const [name, member] of Object.entries(value)) {
        const kept = rewrite(member, change, inside(name));
        if (kept !== undefined) made[name] = kept;
    }
    return change(made, path);
}

/** What the API answered, as it is written here. */
export function toDraft(app: Doc): Doc {
    const draft = rewrite(app, (value, path) => {
        if (path.startsWith("_") || READ_ONLY.includes(pattern(path)) || value === null) return undefined;
        if (isScriptPath(path) && typeof value === "string") return fromBase64(value);
        // The former name of source.url, which the API adds to what it shows.
        if (/^modules\.\d+$/.test(path) && isObject(value) && value.git_repo === getAt(value, "source.url")) return setAt(value, "git_repo", undefined);
        return value;
    });
    return draft as Doc;
}

const MAY_BE_BLANK = /^(env_vars\.\d+\.var_value|environment_infos\.instance_tags\.\d+\.tag_value)$/;

/** Whether it says nothing. Numbers and switches always say something. */
export function isBlank(value: Json | undefined): boolean {
    if (value === undefined || value === null || value === "") return true;
    if (Array.isArray(value)) return value.every(isBlank);
    return isObject(value) && Object.values(value).every(isBlank);
}

/** Rows that were added and never filled; taken out before it is sent, so that what the server says of an index fits. */
export function withoutBlankRows(draft: Doc): Doc {
    return rewrite(draft, (value) => (Array.isArray(value) ? value.filter((one) => !isBlank(one)) : value)) as Doc;
}

/** As the API takes it. */
export function toWire(draft: Doc): Doc {
    const wire = rewrite(draft, (value, path) => {
        if (typeof value === "string" && isScriptPath(path)) return value === "" ? undefined : toBase64(value);
        if (value === "") return MAY_BE_BLANK.test(path) ? value : undefined;
        if (path && (value === null || (Array.isArray(value) && !value.length) || (isObject(value) && !Object.keys(value).length))) return undefined;
        return value;
    });
    return (wire ?? {}) as Doc;
}

/** A new application, with what the form of Cloud Deploy had filled in. */
export function newDraft(region = ""): Doc {
    return {
        name: "",
        env: "",
        role: "",
        ...(region ? { region } : {}),
        build_infos: { ssh_username: "admin" },
        environment_infos: { public_ip_address: true, root_block_device: { size: 20 } },
    };
}

/** Another like it: without what belongs to the one it is made from. */
export function cloneDraft(app: Doc): Doc {
    let draft = toDraft(app);
    const own = `ec2.${app.env}.${app.role}.${app.name}`;
    const tags = getAt(draft, "environment_infos.instance_tags");
    if (Array.isArray(tags))
        draft = setAt(
            draft,
            "environment_infos.instance_tags",
            tags.filter((tag) => !(isObject(tag) && tag.tag_name === "Name" && tag.tag_value === own)),
        );
    for (const path of ["user", "autoscale.name", "blue_green.color", "blue_green.is_online"]) if (getAt(draft, path) !== undefined) draft = setAt(draft, path, undefined);
    return draft;
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
    if (a === b) return true;
    if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => sameJson(one, b[i]));
    if (!isObject(a) || !isObject(b)) return false;
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && sameJson(a[name], b[name]));
}
