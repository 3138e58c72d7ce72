/** Parameters as text: YAML, as roles document theirs, or JSON. Loaded with the editor, for it knows YAML's grammar. */
import { isScalar, LineCounter, parseDocument, stringify, visit } from "yaml";

import { isObject, type Json } from "./document";
import { readJson } from "./json_tree";

export type Notation = "yaml" | "json";
export type Remark = { line?: number; text: string };
export type Read = { value: Json | undefined; remarks: Remark[] } | { problem: Remark };

const OBJECT_WANTED: Record<Notation, string> = { yaml: "Write names and values: “name: value”", json: 'Write an object: {"name": "value"}' };
const REMARKS_MAX = 3;
const ALIASES_MAX = 100;

export function writeParameters(value: Json | undefined, notation: Notation): string {
    if (value === undefined) return "";
    // What could not be read is kept as it was written.
    if (typeof value === "string") return value;
    return notation === "json" ? JSON.stringify(value, null, 4) : stringify(value, { indent: 2, lineWidth: 0 });
}

export function readParameters(text: string, notation: Notation): Read {
    if (text.trim() === "") return { value: undefined, remarks: [] };
    return notation === "json" ? fromJson(text) : fromYaml(text);
}

function fromJson(text: string): Read {
    const read = readJson(text);
    if ("problem" in read) return { problem: { line: read.problem.line, text: read.problem.text } };
    return isObject(read.value) ? { value: read.value, remarks: [] } : { problem: { text: OBJECT_WANTED.json } };
}

function fromYaml(text: string): Read {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error) return { problem: { line: lines.linePos(error.pos[0]).line, text: error.message } };
    let value: unknown;
    try {
        value = document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (why) {
        return { problem: { text: (why as Error).message } };
    }
    if (value === null) return { value: undefined, remarks: [] };
    if (!isObject(value)) return { problem: { text: OBJECT_WANTED.yaml } };
    return { value: JSON.parse(JSON.stringify(value)) as Json, remarks: remarksOf(document, lines) };
}

/** What is well written and may mean something else than one thinks. */
function remarksOf(document: ReturnType<typeof parseDocument>, lines: LineCounter): Remark[] {
    const remarks: Remark[] = [];
    visit(document, {
        Scalar: (_, node) => {
            if (!isScalar(node) || node.type !== "PLAIN" || node.source === undefined) return;
            const said = node.source;
            const line = node.range ? lines.linePos(node.range[0]).line : undefined;
            if (typeof node.value === "string" && /^(yes|no|on|off)$/i.test(said)) remarks.push({ line, text: `${said} is text here: write true or false, or put it in quotes` });
            else if (typeof node.value === "number" && /^[-+]?0\d/.test(said)) remarks.push({ line, text: `${said} is the number ${node.value} here: put it in quotes to keep it as it is` });
            else if (typeof node.value === "number" && /^\d+\.\d+$/.test(said) && String(node.value) !== said) remarks.push({ line, text: `${said} is the number ${node.value} here: put a version in quotes` });
        },
    });
    return remarks.slice(0, REMARKS_MAX);
}
