/** What a PATCH has to say: objects are merged by the server, lists replaced, null takes a member away. */
import { type Doc, isObject, type Json, sameJson } from "./document";
import { isScriptPath } from "./scripts";

/** From one document as the API takes it to another. Empty: nothing changed. */
export function patchOf(before: Doc, after: Doc): Doc {
    return changes(before, after, "");
}

function changes(before: Doc, after: Doc, path: string): Doc {
    const patch: Doc = {};
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const was = before[name];
        const is = after[name];
        const here = path ? `${path}.${name}` : name;
        if (sameJson(was, is)) continue;
        if (is === undefined) patch[name] = gone(was!, here);
        else if (isObject(was) && isObject(is)) patch[name] = changes(was, is, here);
        else patch[name] = is;
    }
    return patch;
}

function gone(was: Json, path: string): Json {
    if (isScriptPath(path)) return "";
    return Array.isArray(was) ? [] : null;
}

/** Where two documents differ: single members of objects, elements of lists whole. */
export function changedPaths(before: Json | undefined, after: Json | undefined, path = ""): string[] {
    if (sameJson(before, after)) return [];
    const a = isObject(before) ? before : before === undefined ? {} : null;
    const b = isObject(after) ? after : after === undefined ? {} : null;
    const inside = (name: string | number) => (path ? `${path}.${name}` : `${name}`);
    if (a && b && (isObject(before) || isObject(after)))
        return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) => changedPaths(a[name], b[name], inside(name)));
    if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && !before.some((one) => !isObject(one)))
        return before.flatMap((one, i) => (sameJson(one, after[i]) ? [] : [inside(i)]));
    return [path];
}
