/**
 * Finds a text in a log of any length, in short turns, so that the page goes on meanwhile. Capital letters of ASCII are
 * the same as small ones.
 */
import { readAnsi } from "./ansi";
import type { LineStore, Stretch } from "./line_store";

const LINES_IN_A_TURN = 20000;

const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** As it is compared. */
export function folded(text: string): string {
    return text.replace(/[A-Z]+/g, (word) => word.toLowerCase());
}

/** Where it is in a text that is shown. */
export function marksIn(text: string, needle: string): [from: number, to: number][] {
    const marks: [number, number][] = [];
    const wanted = folded(needle);
    if (!wanted) return marks;
    const where = folded(text);
    for (let at = where.indexOf(wanted); at >= 0; at = where.indexOf(wanted, at + wanted.length)) marks.push([at, at + wanted.length]);
    return marks;
}

export class Search {
    /** Lines that have it, in order; `count` of them. */
    found = new Uint32Array(1024);
    count = 0;

    private wanted: Uint8Array;
    private skips = new Uint32Array(256);
    private seen = 0;

    constructor(
        private store: LineStore,
        readonly needle: string,
        /** Only lines of these lanes; null: of all. */
        private lanes: ReadonlySet<number> | null = null,
    ) {
        this.wanted = new TextEncoder().encode(folded(needle));
        this.skips.fill(this.wanted.length);
        for (let i = 0; i + 1 < this.wanted.length; i++) this.skips[this.wanted[i]!] = this.wanted.length - 1 - i;
    }

    /** Goes on for about so long. False: all lines there are have been looked at. */
    turn(ms: number, now: () => number = () => performance.now()): boolean {
        const until = now() + ms;
        while (this.seen < this.store.count) {
            const { lines, stretch } = this.store.stretch(this.seen, LINES_IN_A_TURN);
            if (lines > 0) this.search(stretch, lines);
            else this.searchStyled();
            if (now() >= until) return this.seen < this.store.count;
        }
        return false;
    }

    get progress(): number {
        return this.store.count ? this.seen / this.store.count : 1;
    }

    /** The place in `found` of the first line from this one on (or of the last one before it); it goes round. */
    after(line: number): number {
        const at = this.firstFrom(line);
        return at < this.count ? at : 0;
    }

    before(line: number): number {
        const at = this.firstFrom(line) - 1;
        return at >= 0 ? at : this.count - 1;
    }

    private firstFrom(line: number): number {
        let low = 0;
        let high = this.count;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.found[middle]! < line) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /** Horspool's way: where the last byte does not fit, as far ahead as it can. */
    private search(stretch: Stretch, lines: number): void {
        const { wanted, skips, store } = this;
        const { bytes, to } = stretch;
        const last = wanted.length - 1;
        const end = this.seen + lines;
        let line = this.seen;
        this.seen = end;
        for (let at = stretch.from + last; at < to; ) {
            const byte = LOWER[bytes[at]!]!;
            let back = 0;
            while (back <= last && LOWER[bytes[at - back]!] === wanted[last - back]) back++;
            if (back <= last) {
                at += skips[byte]!;
                continue;
            }
            line = store.lineOf(stretch, at - last, line);
            const { from, next } = store.place(line);
            if (at - last < from) {
                at++; // in its time
                continue;
            }
            this.add(line);
            at = next + last;
        }
    }

    private searchStyled(): void {
        const line = this.seen++;
        if (folded(readAnsi(this.store.text(line)).text).includes(folded(this.needle))) this.add(line);
    }

    private add(line: number): void {
        if (this.lanes && !this.lanes.has(this.store.laneOf(line))) return;
        if (this.count === this.found.length) {
            const larger = new Uint32Array(this.count * 2);
            larger.set(this.found);
            this.found = larger;
        }
        this.found[this.count++] = line;
    }
}
