/** Somebody else saved meanwhile: what of it meets what was changed here. */
import { type Doc, getAt, isObject, type Json, sameJson, setAt } from "./document";

export type Conflict = { path: string; base: Json | undefined; mine: Json | undefined; theirs: Json | undefined };
export type Merge = {
    /** Changed by both, to different things. */
    conflicts: Conflict[];
    /** Changed by them alone: taken over. */
    taken: string[];
    /** Theirs with my changes where they do not meet; conflicts are as they are in mine. */
    merged: Doc;
};

/** Members of objects on their own; a list, whose order counts, is one thing. */
function leaves(value: Json | undefined, path = ""): string[] {
    if (!isObject(value)) return path ? [path] : [];
    return Object.entries(value).flatMap(([name, member]) => leaves(member, path ? `${path}.${name}` : name));
}

/** A path of one may lie inside a value of another: then the outer one speaks for both. */
function outermost(paths: string[]): string[] {
    const sorted = [...new Set(paths)].sort();
    return sorted.filter((path) => !sorted.some((other) => other !== path && path.startsWith(`${other}.`)));
}

export function mergeDrafts(base: Doc, mine: Doc, theirs: Doc): Merge {
    const conflicts: Conflict[] = [];
    const taken: string[] = [];
    let merged = theirs;
    for (const path of outermost([base, mine, theirs].flatMap((doc) => leaves(doc)))) {
        const [was, here, there] = [base, mine, theirs].map((doc) => getAt(doc, path));
        const iChanged = !sameJson(was, here);
        const theyChanged = !sameJson(was, there);
        if (iChanged) merged = setAt(merged, path, here);
        if (theyChanged && !iChanged) taken.push(path);
        if (theyChanged && iChanged && !sameJson(here, there)) conflicts.push({ path, base: was, mine: here, theirs: there });
    }
    return { conflicts, taken, merged };
}

/** With theirs at these paths. */
export function takeTheirs(merged: Doc, conflicts: Conflict[], paths: Iterable<string>): Doc {
    const wanted = new Set(paths);
    return conflicts.filter(({ path }) => wanted.has(path)).reduce((doc, { path, theirs }) => setAt(doc, path, theirs), merged);
}
