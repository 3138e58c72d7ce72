import { afterEach, describe, expect, it, vi } from "vitest";

import { eventBytes, feedLog, rangeTotal } from "./log_feed";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array[]) => bytes.map((piece) => new TextDecoder().decode(piece)).join("");

/** A controller with one log, whose connections break after so many bytes. */
class Log {
    ended = false;
    status = 200;
    asked: string[] = [];

    constructor(
        public bytes: Uint8Array,
        private breaks: () => number,
    ) {}

    answer = async (path: string, init: RequestInit): Promise<Response> => {
        const headers = new Headers(init.headers);
        this.asked.push(`${path} ${headers.get("Range") ?? headers.get("Last-Event-ID") ?? ""}`);
        if (this.status !== 200) return new Response('{"_error":{"message":"No"}}', { status: this.status });
        return path.endsWith("/stream") ? this.stream(Number(headers.get("Last-Event-ID") ?? 0)) : this.range(headers.get("Range")!);
    };

    private range(header: string): Response {
        const [from, to] = /(\d+)-(\d+)/.exec(header)!.slice(1).map(Number) as [number, number];
        if (this.bytes.length === 0) return new Response('{"_error":{"message":"No log file yet."}}', { status: 404 });
        if (from >= this.bytes.length) return new Response("{}", { status: 416 });
        if (this.breaks() < 3) throw new TypeError("network");
        return new Response(this.bytes.slice(from, to + 1), { status: 206, headers: { "Content-Range": `bytes ${from}-${Math.min(to, this.bytes.length - 1)}/${this.bytes.length}` } });
    }

    private stream(offset: number): Response {
        let text = "retry: 1000\n\n";
        while (offset < this.bytes.length) {
            const block = this.bytes.subarray(offset, offset + 400);
            const end = block.lastIndexOf(10) + 1;
            offset += end;
            text += `id: ${offset}\n${new TextDecoder().decode(block.subarray(0, end - 1)).split("\n").map((line) => `data: ${line}\n`).join("")}\n`;
        }
        if (this.ended) text += `id: ${offset}\nevent: end\ndata: done\n\n`;
        const bytes = encode(text);
        return new Response(bytes.slice(0, this.ended && this.breaks() > 5 ? bytes.length : this.breaks() * 150), { status: 200 });
    }
}

function feed(log: Log): Promise<{ text: string; states: string[] }> {
    vi.stubGlobal("fetch", log.answer);
    const pieces: Uint8Array[] = [];
    const states: string[] = [];
    return new Promise((resolve) => {
        feedLog({
            path: "/jobs/1/logs",
            onBytes: (bytes) => pieces.push(bytes.slice()),
            onState: (state, message) => {
                states.push(state);
                if (state === "ended" || state === "refused") resolve({ text: decode(pieces), states: [...states, message] });
            },
        });
    });
}

afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
});

describe("feedLog", () => {
    it("brings every byte once, wherever the connection breaks", async () => {
        vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
        let seed = 11;
        const next = () => {
            seed = (seed * 1103515245 + 12345) & 0x7fffffff;
            return (seed >> 8) % 10;
        };
        for (let round = 0; round < 25; round++) {
            const lines = (from: number) => Array.from({ length: 30 }, (_, i) => `${from + i} é ${"x".repeat((i * 7) % 90)}\n`).join("");
            const whole = encode(lines(0) + lines(30));
            const log = new Log(round % 3 === 0 ? new Uint8Array(0) : whole.slice(0, encode(lines(0)).length), next);
            const done = feed(log);
            await vi.advanceTimersByTimeAsync(3000);
            log.bytes = whole;
            log.ended = true;
            await vi.advanceTimersByTimeAsync(600000);
            const { text, states } = await done;
            expect(text).toBe(new TextDecoder().decode(whole));
            expect(states[states.length - 1]).toBe("done");
        }
    });

    it("says why it is refused, and asks no more", async () => {
        const log = new Log(encode("x\n"), () => 9);
        log.status = 403;
        const { states } = await feed(log);
        expect(states).toEqual(["loading", "refused", "No"]);
        expect(log.asked).toHaveLength(1);
    });
});

describe("eventBytes", () => {
    const event = (id: number, data: string) => ({ id: String(id), event: "message", data });

    it("ends the lines", () => {
        expect(new TextDecoder().decode(eventBytes(event(14, "a\nb"), 10))).toBe("a\nb\n");
        expect(new TextDecoder().decode(eventBytes(event(11, ""), 10))).toBe("\n");
    });

    it("does not end one that goes on", () => {
        const long = "x".repeat(32768);
        expect(eventBytes(event(32768 + 7, long), 7)).toHaveLength(32768);
        expect(eventBytes(event(32768 + 7, long.slice(1)), 7)).toHaveLength(32768);
    });
});

describe("rangeTotal", () => {
    it("is the number at the end", () => {
        expect(rangeTotal("bytes 0-99/2108")).toBe(2108);
        expect(rangeTotal("bytes 0-99/*")).toBeNull();
        expect(rangeTotal(null)).toBeNull();
    });
});
