/** What is being written, what it was when it was read, and how it is saved. */
import { useMemo, useState } from "preact/hooks";

import { api, ApiError, type Schemas } from "~/api/client";

import { type Doc, sameJson, setAt, type Json, toDraft, toWire, withoutBlankRows } from "./document";
import { type IssueAt, issuesOf } from "./issues";
import { inFormOrder } from "./labels";
import { changedPaths, patchOf } from "./patch";

export type Stored = { id: string; etag: string; draft: Doc };

export async function readStored(id: string): Promise<Stored> {
    const app = await api.get<Schemas["App"]>(`/apps/${id}`);
    return { id, etag: app._etag ?? "", draft: toDraft(app as unknown as Doc) };
}

export type Outcome = { kind: "saved"; id: string } | { kind: "nothing" } | { kind: "conflict"; theirs: Stored } | { kind: "refused" };

export type Drafting = {
    draft: Doc;
    base: Doc;
    stored: Stored | undefined;
    /** Paths that differ from what is stored. */
    changed: string[];
    issues: IssueAt[];
    /** What the server says of the whole. */
    failure: ApiError | undefined;
    set: (path: string, value: Json | undefined) => void;
    replace: (draft: Doc) => void;
    /** Takes another stored version for the one that is changed. */
    rebase: (stored: Stored, draft: Doc) => void;
    /** Of the draft, or of one that was just made of it. */
    save: (stored?: Stored, draft?: Doc) => Promise<Outcome>;
};

const related = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

/** stored undefined: a new one, started from start. written: what was changed of it before. */
export function useDraft(stored: Stored | undefined, start: Doc, written = start): Drafting {
    const [base, setBase] = useState<{ stored: Stored | undefined; draft: Doc }>({ stored, draft: start });
    const [draft, setDraft] = useState(written);
    const [issues, setIssues] = useState<IssueAt[]>([]);
    const [failure, setFailure] = useState<ApiError>();
    const changed = useMemo(() => changedPaths(toWire(base.draft), toWire(draft)), [base, draft]);

    async function send(from: Stored | undefined, wire: Doc): Promise<Outcome> {
        if (!from) return { kind: "saved", id: (await api.post<Schemas["Receipt"]>("/apps", wire))._id };
        const patch = patchOf(toWire(from.draft), wire);
        if (!Object.keys(patch).length) return { kind: "nothing" };
        await api.patch(`/apps/${from.id}`, patch, from.etag);
        return { kind: "saved", id: from.id };
    }

    async function refused(error: ApiError, from: Stored | undefined, sent: Doc): Promise<Outcome> {
        if (error.status === 412 && from) return { kind: "conflict", theirs: await readStored(from.id) };
        const found = inFormOrder(issuesOf(error, sent));
        setIssues(found);
        setFailure(error);
        return { kind: "refused" };
    }

    return {
        draft,
        base: base.draft,
        stored: base.stored,
        changed,
        issues,
        failure,
        set: (path, value) => {
            setDraft((now) => setAt(now, path, value));
            setIssues((now) => (now.some((issue) => related(issue.path, path)) ? now.filter((issue) => !related(issue.path, path)) : now));
        },
        replace: (now) => {
            if (sameJson(now, draft)) return;
            setDraft(now);
            setIssues([]);
            setFailure(undefined);
        },
        rebase: (now, mine) => {
            setBase({ stored: now, draft: now.draft });
            setDraft(mine);
            setIssues([]);
            setFailure(undefined);
        },
        save: async (from = base.stored, written = draft) => {
            const tidy = withoutBlankRows(written);
            if (!sameJson(tidy, draft)) setDraft(tidy);
            setIssues([]);
            setFailure(undefined);
            try {
                return await send(from, toWire(tidy));
            } catch (why) {
                const error = why instanceof ApiError ? why : new ApiError(0, String(why));
                return refused(error, from, tidy).catch((again: unknown) => {
                    setFailure(again instanceof ApiError ? again : new ApiError(0, String(again)));
                    return { kind: "refused" } as const;
                });
            }
        },
    };
}
