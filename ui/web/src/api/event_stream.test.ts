import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { EventCutter, followStream } from "./event_stream";

describe("EventCutter", () => {
    const text = "retry: 1000\n\nid: 3\ndata: a\ndata: b\n\n: still here\n\nid: 9\nevent: end\ndata: done\n\n";

    it("gives the same events however the text is cut", () => {
        const wanted = [
            { id: "3", event: "message", data: "a\nb" },
            { id: "9", event: "end", data: "done" },
        ];
        for (let size = 1; size < text.length; size++) {
            const cutter = new EventCutter();
            const events = [];
            for (let at = 0; at < text.length; at += size) events.push(...cutter.add(text.slice(at, at + size)));
            expect(events).toEqual(wanted);
        }
    });
});

describe("followStream", () => {
    let hidden = false;
    let asked: string[] = [];

    const show = (value: boolean) => {
        hidden = value;
        document.dispatchEvent(new Event("visibilitychange"));
    };

    beforeEach(() => {
        vi.useFakeTimers();
        hidden = false;
        asked = [];
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        // Says one thing and stays open until it is ended.
        vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
            asked.push(new Headers(init.headers).get("Last-Event-ID") ?? "");
            return new Response(
                new ReadableStream({
                    start(stream) {
                        stream.enqueue(new TextEncoder().encode(`id: ${asked.length}\ndata: x\n\n`));
                        init.signal!.addEventListener("abort", () => stream.error(new DOMException("ended", "AbortError")));
                    },
                }),
            );
        });
    });

    afterEach(() => {
        vi.useRealTimers();
        vi.unstubAllGlobals();
        delete (document as { hidden?: boolean }).hidden;
    });

    it("lets go of the connection while nobody looks, and goes on where it was", async () => {
        const states: string[] = [];
        const end = followStream({ path: "/s", onEvents: () => {}, onState: (state) => states.push(state) });
        await vi.advanceTimersByTimeAsync(100);
        expect(asked).toEqual([""]);

        show(true);
        await vi.advanceTimersByTimeAsync(10000);
        show(false);
        await vi.advanceTimersByTimeAsync(25000);
        expect(asked).toEqual([""]);

        show(true);
        await vi.advanceTimersByTimeAsync(3600000);
        expect(asked).toEqual([""]);
        show(false);
        await vi.advanceTimersByTimeAsync(100);
        expect(asked).toEqual(["", "1"]);
        expect(states).toEqual(["connecting", "live", "connecting", "live"]);
        end();
    });
});
