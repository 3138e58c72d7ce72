/** What was being written when the session ended: it is there again for who logs in by the same name. */
import type { Doc } from "./document";
import type { Stored } from "./use_draft";

export type KeptDraft = { stored: Stored | undefined; base: Doc; draft: Doc };

const kept = new Map<string, KeptDraft>();

const keyOf = (user: string, path: string) => `${user} ${path}`;

export function keepDraft(user: string, path: string, draft: KeptDraft): void {
    kept.set(keyOf(user, path), draft);
}

/** Once. */
export function takeDraft(user: string, path: string): KeptDraft | undefined {
    const found = kept.get(keyOf(user, path));
    kept.delete(keyOf(user, path));
    return found;
}
