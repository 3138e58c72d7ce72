/** The words in which a section of the form says what it has. */
import type { JSX } from "preact";

import type { Choice, SourceName } from "./choices";
import type { Doc, Json } from "./document";

/** What a field may look at: the whole document, as it is and as it was read, and where in it the field is ("modules.0"). */
export type Place = { draft: Doc; base: Doc; scope: string; isNew: boolean };

type Common = {
    /** Relative to the element of a list that it is in. */
    path: string;
    label: string;
    hint?: string;
    required?: boolean;
    /** Takes a whole row. */
    wide?: boolean;
    /** Takes the room of two. */
    broad?: boolean;
    when?: (place: Place) => boolean;
    warn?: (value: string, place: Place) => string | undefined;
    /** Can be written once. */
    fixed?: boolean;
};

export type TextSpec = Common & { kind: "text"; placeholder?: string; type?: "text" | "email"; suggest?: (string | Choice)[]; from?: SourceName };
export type LongTextSpec = Common & { kind: "long"; placeholder?: string };
export type NumberSpec = Common & { kind: "number"; min?: number; max?: number; placeholder?: string };
export type CheckSpec = Common & { kind: "check"; fallback?: boolean };
export type SelectSpec = Common & { kind: "select"; choices: { value: string; label: string }[] };
export type SeveralSpec = Common & { kind: "several"; choices: { value: string; label: string }[] };
export type ScriptSpec = Common & { kind: "script" };
export type GroupSpec = { kind: "group"; path: ""; label: string; hint?: string; when?: (place: Place) => boolean; fields: FieldSpec[] };
export type ListSpec = Common & {
    kind: "list";
    noun: string;
    /** Of one element: its members, or itself. */
    item: FieldSpec[] | Omit<TextSpec, "path">;
    /** A new one, after those that are there. */
    blank: Json | ((items: Json[]) => Json);
    /** Elements that are large can be folded; this is what stays to be seen. */
    title?: (item: Doc) => string;
    detail?: (item: Doc) => string;
    empty: string;
};
/** What the words above do not say. */
export type OwnSpec = { kind: "own"; path: string; label: string; narrow?: boolean; when?: (place: Place) => boolean; show: (props: OwnProps) => JSX.Element | null };
export type OwnProps = { place: Place; set: (path: string, value: Json | undefined) => void };

export type FieldSpec = TextSpec | LongTextSpec | NumberSpec | CheckSpec | SelectSpec | SeveralSpec | ScriptSpec | GroupSpec | ListSpec | OwnSpec;

export type Section = {
    id: string;
    title: string;
    about?: string;
    fields: FieldSpec[];
};

/** Every path of a section that has a value, with * for any element; what issues and changes are counted by. */
export function pathsOf(fields: FieldSpec[]): string[] {
    return fields.flatMap((field) => {
        if (field.kind === "group") return pathsOf(field.fields);
        return field.path ? [field.path] : [];
    });
}

export function belongsTo(section: Section, path: string): boolean {
    return pathsOf(section.fields).some((own) => path === own || path.startsWith(`${own}.`));
}
