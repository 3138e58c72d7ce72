/** What a path is called in the form. */
import { type Doc, getAt, isObject, type Json } from "./document";
import { SECTIONS } from "./sections";
import type { FieldSpec, ListSpec } from "./spec";

function every(fields: FieldSpec[]): FieldSpec[] {
    return fields.flatMap((field) => (field.kind === "group" ? every(field.fields) : [field]));
}

function find(fields: FieldSpec[], path: string): FieldSpec | undefined {
    return every(fields)
        .filter((field) => field.path && (path === field.path || path.startsWith(`${field.path}.`)))
        .sort((a, b) => b.path.length - a.path.length)[0];
}

/** Where a path is from top to bottom. */
function placeOf(path: string): number[] {
    const at = SECTIONS.findIndex((section) => find(section.fields, path));
    if (at < 0) return [SECTIONS.length];
    const fields = every(SECTIONS[at]!.fields);
    const field = find(fields, path)!;
    const [element, ...inside] = path.slice(field.path.length + 1).split(".");
    const items = field.kind === "list" && Array.isArray(field.item) ? every(field.item) : [];
    const member = find(items, inside.join("."));
    return [at, fields.indexOf(field), Number(element || 0), member ? items.indexOf(member) : 0];
}

/** In the order of the form, whatever the server's is. */
export function inFormOrder<T extends { path: string }>(issues: T[]): T[] {
    const placed = issues.map((issue) => ({ issue, place: placeOf(issue.path) }));
    return placed.sort((a, b) => a.place.reduce((order, at, i) => order || at - (b.place[i] ?? 0), 0)).map(({ issue }) => issue);
}

function elementName(list: ListSpec, at: string, item: Json | undefined): string {
    const name = isObject(item) && typeof item.name === "string" && item.name ? item.name : undefined;
    const noun = list.noun[0]!.toUpperCase() + list.noun.slice(1);
    return name ? `${noun} ${name}` : `${noun} ${Number(at) + 1}`;
}

/** "Module site: Path on the instance"; a path that has no field is called as it is. */
export function labelOf(path: string, draft: Doc): string {
    const field = find(
        SECTIONS.flatMap((section) => section.fields),
        path,
    );
    if (!field) return path;
    const rest = path.slice(field.path.length + 1);
    if (field.kind !== "list" || !rest) return field.label;
    const [at, ...inside] = rest.split(".") as [string, ...string[]];
    const element = elementName(field, at, getAt(draft, `${field.path}.${at}`));
    if (!inside.length) return element;
    const member = Array.isArray(field.item) ? find(field.item, inside.join("."))?.label : undefined;
    return `${element}: ${member ?? inside.join(".")}`;
}
