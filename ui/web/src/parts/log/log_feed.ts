/**
 * Brings a log: what there is by ranges of its file, what comes by its stream. Both count bytes, so after a lost
 * connection it goes on at the very next one.
 */
import { ApiError, ask } from "~/api/client";
import { followStream, type StreamEvent } from "~/api/event_stream";

export type FeedState = "loading" | "live" | "lost" | "ended" | "refused";

export type Feed = {
    /** "/jobs/ID/logs" */
    path: string;
    onBytes: (bytes: Uint8Array) => void;
    /** message: why it is refused; what the job ended as. */
    onState: (state: FeedState, message: string) => void;
    /** How much of what there is has come, 0 to 1. */
    onProgress?: (share: number) => void;
};

const FIRST_PIECE = 1 << 18;
const PIECE = 1 << 20;
const PATIENCE = [250, 500, 1000, 2000, 5000, 10000];
/** The controller's: what has no line end in so many bytes comes without one. */
const BLOCK_BYTES = 32 * 1024;

const encoder = new TextEncoder();

/** The bytes of an event of the stream. They are the file's, but for carriage returns and zeros. */
export function eventBytes(event: StreamEvent, offset: number): Uint8Array {
    const cut = Number(event.id) - offset === BLOCK_BYTES && !event.data.includes("\n") && encoder.encode(event.data).length === BLOCK_BYTES;
    return encoder.encode(cut ? event.data : `${event.data}\n`);
}

/** Of "bytes 0-99/2108". */
export function rangeTotal(header: string | null): number | null {
    const total = /\/(\d+)$/.exec(header ?? "");
    return total ? Number(total[1]) : null;
}

/** Returns what ends it. */
export function feedLog(feed: Feed): () => void {
    const stopping = new AbortController();
    const { signal } = stopping;
    let offset = 0;

    /** False: that was all. */
    async function piece(): Promise<boolean> {
        const length = offset === 0 ? FIRST_PIECE : PIECE;
        try {
            const answer = await ask("GET", feed.path, { signal, headers: { Range: `bytes=${offset}-${offset + length - 1}` } });
            const bytes = new Uint8Array(await answer.arrayBuffer());
            const total = rangeTotal(answer.headers.get("Content-Range")) ?? bytes.length;
            // Whoever does not know ranges sends it whole.
            const fresh = answer.status === 206 ? bytes : bytes.subarray(offset);
            offset += fresh.length;
            feed.onBytes(fresh);
            feed.onProgress?.(total ? offset / total : 1);
            return fresh.length > 0 && offset < total;
        } catch (error) {
            // Nothing was written yet, or nothing more.
            if (error instanceof ApiError && [404, 416].includes(error.status)) return false;
            throw error;
        }
    }

    async function readFile(): Promise<boolean> {
        for (let tries = 0; !signal.aborted; ) {
            try {
                while (await piece()) {
                    tries = 0;
                    feed.onState("loading", "");
                }
                return true;
            } catch (error) {
                if (signal.aborted) return false;
                if (error instanceof ApiError && [400, 401, 403].includes(error.status)) {
                    feed.onState("refused", error.message);
                    return false;
                }
                feed.onState("lost", "The connection was lost; trying again");
                await new Promise((resolve) => setTimeout(resolve, PATIENCE[Math.min(tries++, PATIENCE.length - 1)]));
            }
        }
        return false;
    }

    function follow(): void {
        const end = followStream({
            path: `${feed.path}/stream`,
            lastId: String(offset),
            onEvents: (events) => {
                for (const event of events) {
                    if (event.event === "end") {
                        end();
                        feed.onState("ended", event.data);
                        return;
                    }
                    if (event.event !== "message" || Number(event.id) <= offset) continue;
                    feed.onBytes(eventBytes(event, offset));
                    offset = Number(event.id);
                }
            },
            onState: (state, message) => {
                if (state === "live" || state === "lost" || state === "refused") feed.onState(state, message);
            },
        });
        signal.addEventListener("abort", end);
    }

    feed.onState("loading", "");
    void readFile().then((done) => {
        if (done && !signal.aborted) follow();
    });
    return () => stopping.abort();
}
