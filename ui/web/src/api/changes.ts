/** What changed on the controller, told once to the whole page over one stream; the pages then read again what they show. */
import { effect, signal } from "@preact/signals";

import { session } from "./client";
import { followStream } from "./event_stream";

export type Change = { collection: string; id: string; app_id: string | null; etag: string | null; deleted: boolean };
/** null: anything may have changed. */
type Listener = (change: Change | null) => void;

/** Whether the page hears of changes; without it, what is shown may be old. */
export const live = signal<"connecting" | "live" | "lost">("connecting");

const listeners = new Set<Listener>();

export function onChange(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

function tell(change: Change | null): void {
    for (const listener of [...listeners]) listener(change);
}

/** Follows for as long as somebody is logged in. */
export function startChanges(): void {
    let end: (() => void) | undefined;

    effect(() => {
        const name = session.value?.name;
        end?.();
        end = undefined;
        if (!name) return;
        end = followStream({
            path: "/events/stream",
            onEvents: (events) => {
                for (const { event, data } of events) {
                    if (event === "change") tell(JSON.parse(data) as Change);
                    else if (event === "reset") tell(null);
                }
            },
            onState: (state) => {
                if (state !== "connecting") live.value = state === "live" ? "live" : "lost";
            },
        });
    });
}
