import type { ComponentChildren } from "preact";

import type { ApiError } from "~/api/client";

import { Button } from "./Button";

export function Notice({ tone = "plain", children, action }: { tone?: "bad" | "good" | "warn" | "busy" | "plain"; children: ComponentChildren; action?: ComponentChildren }) {
    return (
        <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
            <div>{children}</div>
            {action}
        </div>
    );
}

/** What went wrong, with a way to try again where there is one. */
export function Failure({ error, retry }: { error: ApiError | undefined; retry?: () => void }) {
    if (!error) return null;
    return (
        <Notice tone="bad" action={retry && <Button look="small" onClick={retry}>Try again</Button>}>
            {error.message}
        </Notice>
    );
}

export function Loading({ what }: { what: string }) {
    return (
        <div class="loading" role="status">
            Loading {what}…
        </div>
    );
}

export function Empty({ title, children, action }: { title: string; children?: ComponentChildren; action?: ComponentChildren }) {
    return (
        <div class="empty">
            <h2>{title}</h2>
            {children && <p>{children}</p>}
            {action}
        </div>
    );
}
