/** What the server says is wrong, at the paths of the fields it speaks of. */
import type { Issues } from "~/api/client";

import { type Doc, getAt, isObject } from "./document";
import { sourceKind } from "./source_kind";

export type IssueAt = { path: string; text: string };

/** Nested as the document is: elements of lists by their index. */
export function flattenIssues(issues: Issues, path = ""): IssueAt[] {
    return Object.entries(issues).flatMap(([name, said]) => {
        const here = path ? `${path}.${name}` : name;
        if (typeof said === "string") return [{ path: here, text: sentence(said) }];
        if (Array.isArray(said)) return said.length ? [{ path: here, text: said.map(sentence).join("; ") }] : [];
        return flattenIssues(said, here);
    });
}

/** The server's own words; only the shortest of them, which say nothing to a newcomer, are put at length. */
function sentence(said: string): string {
    return said === "required field" ? "Needed" : said;
}

type Rule = [RegExp, (found: RegExpExecArray, draft: Doc) => string | undefined];

function namedIn(draft: Doc, list: string, name: string, last = false): string | undefined {
    const items = getAt(draft, list);
    if (!Array.isArray(items)) return undefined;
    const fits = (one: unknown) => isObject(one) && (one.name ?? "") === name;
    const at = last ? items.findLastIndex(fits) : items.findIndex(fits);
    return at < 0 ? undefined : `${list}.${at}`;
}

const within = (base: string | undefined, member: string) => (base ? `${base}.${member}` : undefined);

/** Sentences about the whole document name what they mean. */
const RULES: Rule[] = [
    [/^Module "(.*?)" (?:has empty path|uses a forbidden path|has a duplicated path|has a path)/, (found, draft) => within(namedIn(draft, "modules", found[1]!, true), "path")],
    [/^Module "(.*?)" has a duplicated name/, (found, draft) => within(namedIn(draft, "modules", found[1]!, true), "name")],
    [/^Module "(.*?)": health_check: .*?\b(path|port|status|command|host|timeout|deadline)\b/, (found, draft) => within(namedIn(draft, "modules", found[1]!), `health_check.${found[2]}`)],
    [/^Module "(.*?)": health_check/, (found, draft) => within(namedIn(draft, "modules", found[1]!), "health_check.type")],
    [/^Error decoding script "(.*?)" in module: "(.*?)"/, (found, draft) => within(namedIn(draft, "modules", found[2]!), found[1]!)],
    [/^Error decoding a script in lifecycle hook: (\w+)/, (found) => `lifecycle_hooks.${found[1]}`],
    [/^Error decoding a script in blue\/green hook: (\w+)/, (found) => `blue_green.hooks.${found[1]}`],
    [/^Provisioner ".*?" set for feature "(.*?)"/, (found, draft) => within(namedIn(draft, "features", found[1]!), "provisioner")],
    [/^build_infos (?:has both|needs one of)/, (_, draft) => (sourceKind(draft) === "source_ami_filter" ? "build_infos.source_ami_filter.name" : `build_infos.${sourceKind(draft)}`)],
    [/^Updates are forbidden for field: "(\w+)"/, (found) => found[1]],
    [/^An app already exist/, () => "name"],
];

/** Where a sentence belongs; undefined: to the whole. */
export function pathOfMessage(message: string, draft: Doc): string | undefined {
    for (const [words, find] of RULES) {
        const found = words.exec(message);
        if (found) return find(found, draft);
    }
    return undefined;
}

/** Everything that a refusal says, by path. */
export function issuesOf(error: { message: string; issues: Issues }, draft: Doc): IssueAt[] {
    const listed = flattenIssues(error.issues);
    if (listed.length) return listed;
    const path = pathOfMessage(error.message, draft);
    return path ? [{ path, text: error.message }] : [];
}

export function issueAt(issues: IssueAt[], path: string): string | undefined {
    const said = issues.filter((issue) => issue.path === path).map((issue) => issue.text);
    return said.length ? said.join("; ") : undefined;
}

/** How many are at a path or inside it. */
export function issuesWithin(issues: IssueAt[], path: string): number {
    return issues.filter((issue) => issue.path === path || issue.path.startsWith(`${path}.`)).length;
}
