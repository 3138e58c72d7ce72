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

export function JobStatus({ status }: { status: string }) {
    return (
        <Badge tone={JOB_TONES[status] ?? "plain"} dot>
            {JOB_WORDS[status] ?? status}
        </Badge>
    );
}
