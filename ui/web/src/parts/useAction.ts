/** Something that is asked of the controller: what it said against it, and whether it is under way. */
import { useState } from "preact/hooks";

import { ApiError, type Issues } from "~/api/client";

export type Action = {
    error: ApiError | undefined;
    busy: boolean;
    /** True when it went through. */
    run: (work: () => Promise<unknown>) => Promise<boolean>;
};

export function useAction(): Action {
    const [error, setError] = useState<ApiError>();
    const [busy, setBusy] = useState(false);
    const run = async (work: () => Promise<unknown>) => {
        setBusy(true);
        setError(undefined);
        try {
            await work();
            return true;
        } catch (why) {
            setError(why instanceof ApiError ? why : new ApiError(0, String(why)));
            return false;
        } finally {
            setBusy(false);
        }
    };
    return { error, busy, run };
}

/** What is wrong with one field, as one sentence. */
export function issueOf(error: ApiError | undefined, field: string): string | undefined {
    const issue = error?.issues[field];
    if (issue === undefined) return undefined;
    return sentence(issue);
}

function sentence(issue: Issues[string]): string {
    if (typeof issue === "string") return issue;
    if (Array.isArray(issue)) return issue.join("; ");
    return Object.entries(issue)
        .map(([name, inner]) => `${name}: ${sentence(inner)}`)
        .join("; ");
}
