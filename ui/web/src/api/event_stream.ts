/**
 * Server-sent events by fetch: unlike EventSource it can send headers, tells why it was refused, and its buffer is
 * ours. Comes back by itself with the id of the last event, so that nothing is missed and nothing doubled.
 */
import { headersFor } from "./client";

export type StreamEvent = { id: string; event: string; data: string };

/** Cuts a text that comes in pieces into events. */
export class EventCutter {
    private rest = "";
    private id = "";

    *add(text: string): Generator<StreamEvent> {
        this.rest += text;
        for (;;) {
            const end = /\r?\n\r?\n/.exec(this.rest);
            if (!end) return;
            const block = this.rest.slice(0, end.index);
            this.rest = this.rest.slice(end.index + end[0].length);
            const event = this.read(block);
            if (event) yield event;
        }
    }

    private read(block: string): StreamEvent | null {
        let event = "message";
        const data: string[] = [];
        for (const line of block.split(/\r?\n/)) {
            const colon = line.indexOf(":");
            if (colon === 0 || line === "") continue;
            const field = colon < 0 ? line : line.slice(0, colon);
            const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
            if (field === "event") event = value;
            else if (field === "data") data.push(value);
            else if (field === "id") this.id = value;
        }
        return data.length || event !== "message" ? { id: this.id, event, data: data.join("\n") } : null;
    }
}

export type StreamState = "connecting" | "live" | "lost" | "refused";

type Follow = {
    path: string | ((lastId: string) => string);
    onEvents: (events: StreamEvent[]) => void;
    onState?: (state: StreamState, message: string) => void;
    lastId?: string;
    /** Waits between tries, in ms; the last one is repeated. */
    patience?: number[];
};

const PATIENCE = [250, 500, 1000, 2000, 5000, 10000];
/** The controller says something every 14 s. */
const SILENCE_MS = 40000;
/** Browsers open six connections to a server for all pages together: one that nobody sees gives its own back. */
const UNSEEN_MS = 20000;

/** Returns what ends it. */
export function followStream({ path, onEvents, onState, lastId = "", patience = PATIENCE }: Follow): () => void {
    let stop = false;
    let controller = new AbortController();
    let tries = 0;
    let wake: (() => void) | undefined;
    let unseen: ReturnType<typeof setTimeout> | undefined;

    const sleep = (ms: number) =>
        new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, ms);
            wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });

    /** Until the page is looked at again. */
    const seen = () =>
        new Promise<void>((resolve) => {
            wake = () => {
                if (stop || !document.hidden) resolve();
            };
        });

    const look = () => {
        clearTimeout(unseen);
        if (document.hidden) unseen = setTimeout(() => controller.abort(), UNSEEN_MS);
        else wake?.();
    };

    async function once(): Promise<"ended" | "refused"> {
        controller = new AbortController();
        const address = typeof path === "string" ? path : path(lastId);
        const answer = await fetch(address, {
            headers: headersFor({ headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) } }),
            signal: controller.signal,
            cache: "no-store",
        });
        if (!answer.ok || !answer.body) {
            onState?.("refused", `The controller answered ${answer.status}`);
            return [401, 403, 404].includes(answer.status) ? "refused" : "ended";
        }
        onState?.("live", "");
        tries = 0;
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        const cutter = new EventCutter();
        for (;;) {
            const silence = setTimeout(() => controller.abort(), SILENCE_MS);
            const { done, value } = await reader.read().finally(() => clearTimeout(silence));
            if (done) return "ended";
            const events = [...cutter.add(value)];
            if (events.length) {
                lastId = events[events.length - 1]!.id || lastId;
                onEvents(events);
            }
        }
    }

    async function run(): Promise<void> {
        while (!stop) {
            onState?.("connecting", "");
            try {
                if ((await once()) === "refused") return;
            } catch {
                /* lost: again, below */
            }
            if (stop) return;
            if (document.hidden) {
                await seen();
                continue;
            }
            onState?.("lost", "The connection was lost; trying again");
            await sleep(patience[Math.min(tries++, patience.length - 1)]!);
        }
    }

    const online = () => wake?.();
    addEventListener("online", online);
    document.addEventListener("visibilitychange", look);
    void run();
    return () => {
        stop = true;
        removeEventListener("online", online);
        document.removeEventListener("visibilitychange", look);
        clearTimeout(unseen);
        controller.abort();
        wake?.();
    };
}
