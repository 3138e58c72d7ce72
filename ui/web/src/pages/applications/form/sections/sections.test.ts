import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { FieldSpec } from "../spec";
import { SECTIONS } from ".";

/** Every member of an application that a client may send, from the types of the API. */
function writable(): string[] {
    const types = readFileSync("src/api/schema.d.ts", "utf8");
    const start = types.indexOf("        AppInsert: {\n");
    const lines = types.slice(start, types.indexOf("\n        };", start)).split("\n").slice(1);
    const parents: string[] = [];
    const paths: string[] = [];
    for (const line of lines) {
        const member = /^\s*"?([\w-]+)"?\??: (.*)$/.exec(line);
        if (member?.[2] === "{") parents.push(member[1]!);
        else if (member) paths.push([...parents, member[1]!].join("."));
        else if (/^\s*\}/.test(line)) parents.pop();
    }
    return paths;
}

function fieldsOf(fields: FieldSpec[], inside = ""): string[] {
    return fields.flatMap((field) => {
        if (field.kind === "group") return fieldsOf(field.fields, inside);
        const path = inside + field.path;
        if (field.kind === "list" && Array.isArray(field.item)) return fieldsOf(field.item, `${path}.`);
        return [path];
    });
}

// What the controller keeps for itself, and what has one value only.
const NOT_SHOWN = ["modules.source.mode", "pending_changes.field", "pending_changes.user", "pending_changes.updated"];

describe("the form", () => {
    const shown = SECTIONS.flatMap((section) => fieldsOf(section.fields)).filter(Boolean);

    it("has a field for everything that can be sent", () => {
        const wanted = writable();
        expect(wanted.length).toBeGreaterThan(80);
        expect(wanted.filter((path) => !shown.includes(path) && !NOT_SHOWN.includes(path))).toEqual([]);
    });

    it("has none that the API does not know", () => {
        const known = writable();
        expect(shown.filter((path) => !known.includes(path))).toEqual([]);
    });

    it("has every section and every label once", () => {
        expect(new Set(SECTIONS.map(({ id }) => id)).size).toBe(SECTIONS.length);
        expect(new Set(shown).size).toBe(shown.length);
    });
});
