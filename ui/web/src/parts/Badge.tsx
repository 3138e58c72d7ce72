import type { ComponentChildren } from "preact";

export type Tone = "good" | "bad" | "warn" | "busy" | "accent" | "plain";

export function Badge({ tone = "plain", dot, title, children }: { tone?: Tone; dot?: boolean; title?: string; children: ComponentChildren }) {
    return (
        <span class={`badge ${tone}`} title={title}>
            {dot && <span class="dot" aria-hidden="true" />}
            {children}
        </span>
    );
}

const JOB_TONES: Record<string, Tone> = { init: "plain", started: "busy", done: "good", failed: "bad", aborted: "bad", cancelled: "warn" };
const JOB_WORDS: Record<string, string> = { init: "waiting", started: "running" };

/** approval: what it asks a person, while it runs. */
export function JobStatus({ status, approval }: { status: string; approval?: { question?: string } | null }) {
    if (status === "started" && approval)
        return (
            <Badge tone="warn" dot title={approval.question}>
                needs approval
            </Badge>
        );
    return (
        <Badge tone={JOB_TONES[status] ?? "plain"} dot>
            {JOB_WORDS[status] ?? status}
        </Badge>
    );
}
