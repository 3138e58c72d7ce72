/** Always in sight: what would be saved, and the button that does. */
import { Button, ButtonLink } from "~/parts/Button";

import type { Doc } from "./document";
import type { Problem } from "./json_tree";
import { labelOf } from "./labels";

type Props = { isNew: boolean; changed: string[]; draft: Doc; busy: boolean; problem: Problem | undefined; said: string; backTo: string };

const NAMED = 3;

export function changesText(changed: string[], draft: Doc): string {
    if (!changed.length) return "Nothing changed";
    const names = [...new Set(changed.map((path) => labelOf(path, draft)))];
    const rest = names.length - NAMED;
    return `Changed: ${names.slice(0, NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

export function SaveBar({ isNew, changed, draft, busy, problem, said, backTo }: Props) {
    return (
        <div class="save-bar">
            <span role="status" class={problem ? "small unwell" : "small dim"}>
                {problem ? `Line ${problem.line}, column ${problem.column}: ${problem.text}` : said || (isNew ? "" : changesText(changed, draft))}
            </span>
            <div class="buttons">
                <ButtonLink look="quiet" href={backTo}>
                    Cancel
                </ButtonLink>
                <Button type="submit" look="primary" disabled={busy || !!problem || (!isNew && !changed.length)}>
                    {busy ? "Saving…" : isNew ? "Create application" : "Save"}
                </Button>
            </div>
        </div>
    );
}
