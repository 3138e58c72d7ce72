/**
 * The lines of a log: its bytes as they came, and where each line begins. There is no object per line, because a
 * million of them is nothing unusual.
 *
 * A line is `[YYYY/MM/DD HH:MM:SS GMT: ][[i-INSTANCE] ]TEXT`. Those of an instance are its lane; all others are
 * lane 0, the controller's.
 */

/** "2026/11/28 13:15:36 GMT: " */
export const STAMP_BYTES = 25;
/** No line is longer: what goes on without an end is cut. */
export const LINE_MAX = 1 << 20;

const TIMED = 0x8000;
/** It has bytes that are not printable ASCII: how wide it is shown is not its length. */
const SPECIAL = 0x4000;
const LANES_MAX = 0x3fff;
const TAIL_BYTES = 1 << 18;
const NEWLINE = 10;
const SPACE = 32;
/** What lane 0 is called. */
export const CONTROLLER = "controller";

const decoder = new TextDecoder();

type Chunk = { at: number; bytes: Uint8Array; used: number };
export type Lane = { name: string; lines: number };

/** Where something may be searched: whole lines in one piece of memory, whose first byte is the log's byte `at`. */
export type Stretch = { bytes: Uint8Array; at: number; from: number; to: number };

function doubled<T extends Uint32Array | Uint16Array>(array: T): T {
    const larger = new (array.constructor as { new (length: number): T })(array.length * 2);
    larger.set(array);
    return larger;
}

export class LineStore {
    /** How many lines are whole. */
    count = 0;
    /** By number; 0 is the controller. */
    readonly lanes: Lane[] = [{ name: "", lines: 0 }];
    /** All bytes of the lines, ends included. */
    bytes = 0;

    private chunks: Chunk[] = [];
    private starts = new Uint32Array(4096);
    private flags = new Uint16Array(4096);
    private rest = new Uint8Array(0);
    private laneNumbers = new Map<string, number>();
    private lastLane = 0;
    private lastName = new Uint8Array(0);

    /** The next piece of the log, cut anywhere. */
    add(piece: Uint8Array): void {
        const end = piece.lastIndexOf(NEWLINE) + 1;
        if (end > 0) this.keep(this.rest, piece.subarray(0, end));
        const over = piece.subarray(end);
        const begun = end > 0 ? new Uint8Array(0) : this.rest;
        this.rest = new Uint8Array(begun.length + over.length);
        this.rest.set(begun);
        this.rest.set(over, begun.length);
        if (this.rest.length >= LINE_MAX) this.finish();
    }

    /** What has no end is a line all the same. */
    finish(): void {
        if (this.rest.length === 0) return;
        const rest = this.rest;
        this.rest = new Uint8Array(0);
        this.keep(rest, Uint8Array.of(NEWLINE));
    }

    isTimed(line: number): boolean {
        return (this.flags[line]! & TIMED) !== 0;
    }

    isSpecial(line: number): boolean {
        return (this.flags[line]! & SPECIAL) !== 0;
    }

    laneOf(line: number): number {
        return this.flags[line]! & LANES_MAX;
    }

    /** The controller is "controller"; -1: nothing of it has come. */
    laneNumber(name: string): number {
        return name === CONTROLLER ? 0 : (this.laneNumbers.get(name) ?? -1);
    }

    /** How many signs of its text say whose it is: "[i-0123abc] ". */
    prefix(line: number): number {
        const lane = this.laneOf(line);
        if (lane === 0) return 0;
        const signs = this.lanes[lane]!.name.length + 2;
        const from = this.starts[line]! + (this.isTimed(line) ? STAMP_BYTES : 0) + signs;
        const chunk = this.chunkOf(from);
        return signs + (chunk.bytes[from - chunk.at] === SPACE ? 1 : 0);
    }

    /** Whether two lines that have times have the same. */
    sameSecond(one: number, other: number): boolean {
        const [a, b] = [this.starts[one]!, this.starts[other]!];
        const [first, second] = [this.chunkOf(a), this.chunkOf(b)];
        // From its end on: the seconds differ most often.
        for (let i = STAMP_BYTES - 1; i >= 0; i--) if (first.bytes[a - first.at + i] !== second.bytes[b - second.at + i]) return false;
        return true;
    }

    /** The bytes of its text, without time and end. */
    length(line: number): number {
        return this.endOf(line) - this.starts[line]! - (this.isTimed(line) ? STAMP_BYTES : 0);
    }

    /** Its text without the time. most: bytes; what is behind is left out. */
    text(line: number, most = LINE_MAX): string {
        const from = this.starts[line]! + (this.isTimed(line) ? STAMP_BYTES : 0);
        return this.decode(from, Math.min(this.endOf(line), from + most));
    }

    /** The same, undecoded. */
    bytesOf(line: number): Uint8Array {
        const from = this.starts[line]! + (this.isTimed(line) ? STAMP_BYTES : 0);
        const chunk = this.chunkOf(from);
        return chunk.bytes.subarray(from - chunk.at, this.endOf(line) - chunk.at);
    }

    /** "2026/11/28 13:15:36 GMT", or "" */
    stamp(line: number): string {
        const from = this.starts[line]!;
        return this.isTimed(line) ? this.decode(from, from + STAMP_BYTES - 2) : "";
    }

    /** What line the stretch's byte at this index is in; not before the line `after`. */
    lineOf(stretch: Stretch, index: number, after: number): number {
        const position = stretch.at + index;
        let low = after;
        let high = this.count - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.starts[middle]! <= position) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /** The lines from `line` on that are in one piece: until a special one, at most `most`. */
    stretch(line: number, most: number): { lines: number; stretch: Stretch } {
        const chunk = this.chunkOf(this.starts[line]!);
        const end = chunk.at + chunk.used;
        let last = line;
        while (last < this.count && last - line < most && this.starts[last]! < end && !this.isSpecial(last)) last++;
        return {
            lines: last - line,
            stretch: { bytes: chunk.bytes, at: chunk.at, from: this.starts[line]! - chunk.at, to: (last < this.count ? Math.min(this.starts[last]!, end) : end) - chunk.at },
        };
    }

    /** Where in its chunk a line's text begins, and where its end is. */
    place(line: number): { from: number; next: number } {
        const chunk = this.chunkOf(this.starts[line]!);
        const start = this.starts[line]! - chunk.at;
        return { from: start + (this.isTimed(line) ? STAMP_BYTES : 0), next: this.endOf(line) + 1 - chunk.at };
    }

    /** Behind the last byte, without the line end. */
    private endOf(line: number): number {
        return (line + 1 < this.count ? this.starts[line + 1]! : this.bytes) - 1;
    }

    private decode(from: number, to: number): string {
        const chunk = this.chunkOf(from);
        return decoder.decode(chunk.bytes.subarray(from - chunk.at, to - chunk.at));
    }

    private chunkOf(position: number): Chunk {
        let low = 0;
        let high = this.chunks.length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.chunks[middle]!.at <= position) low = middle;
            else high = middle - 1;
        }
        return this.chunks[low]!;
    }

    /** Whole lines; the first one's beginning came before. */
    private keep(begun: Uint8Array, whole: Uint8Array): void {
        const length = begun.length + whole.length;
        let chunk = this.chunks[this.chunks.length - 1];
        if (!chunk || chunk.bytes.length - chunk.used < length) {
            chunk = { at: this.bytes, bytes: new Uint8Array(Math.max(length, length < TAIL_BYTES / 4 ? TAIL_BYTES : length)), used: 0 };
            this.chunks.push(chunk);
        }
        const from = chunk.used;
        chunk.bytes.set(begun, from);
        chunk.bytes.set(whole, from + begun.length);
        chunk.used += length;
        this.bytes += length;
        this.index(chunk, from);
    }

    private index(chunk: Chunk, from: number): void {
        const { bytes, at, used } = chunk;
        let start = from;
        let special = 0;
        for (let i = from; i < used; i++) {
            const byte = bytes[i]!;
            if (byte === NEWLINE) {
                this.line(bytes, at, start, i, special);
                start = i + 1;
                special = 0;
            } else if (byte < 32 || byte > 126) special = SPECIAL;
        }
    }

    private line(bytes: Uint8Array, at: number, start: number, end: number, special: number): void {
        if (this.count === this.starts.length) {
            this.starts = doubled(this.starts);
            this.flags = doubled(this.flags);
        }
        const timed = isStamp(bytes, start, end);
        const lane = this.lane(bytes, timed ? start + STAMP_BYTES : start, end);
        this.lanes[lane]!.lines++;
        this.starts[this.count] = at + start;
        this.flags[this.count] = lane | special | (timed ? TIMED : 0);
        this.count++;
    }

    /** Of "[i-0123abc] text". */
    private lane(bytes: Uint8Array, from: number, end: number): number {
        if (bytes[from] !== 0x5b || bytes[from + 1] !== 0x69 || bytes[from + 2] !== 0x2d) return 0;
        const name = this.lastName;
        let i = 0;
        while (i < name.length && bytes[from + 1 + i] === name[i]) i++;
        if (name.length > 0 && i === name.length && bytes[from + 1 + i] === 0x5d) return this.lastLane;

        const close = bytes.subarray(from, Math.min(end, from + 40)).indexOf(0x5d);
        if (close < 4) return 0;
        const word = decoder.decode(bytes.subarray(from + 1, from + close));
        if (!/^i-[0-9a-z]+$/.test(word)) return 0;
        let lane = this.laneNumbers.get(word);
        if (lane === undefined) {
            if (this.lanes.length > LANES_MAX) return 0;
            lane = this.lanes.push({ name: word, lines: 0 }) - 1;
            this.laneNumbers.set(word, lane);
        }
        this.lastLane = lane;
        this.lastName = bytes.slice(from + 1, from + close);
        return lane;
    }
}

/** DDDD/DD/DD DD:DD:DD GMT: */
const STAMP = [...Array.from("0000/00/00 00:00:00 GMT: ", (sign) => sign.charCodeAt(0))];

function isStamp(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < STAMP_BYTES) return false;
    for (let i = 0; i < STAMP_BYTES; i++) {
        const wanted = STAMP[i]!;
        const byte = bytes[start + i]!;
        if (wanted === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== wanted) return false;
    }
    return true;
}

/** null for what is no stamp. */
export function stampTime(stamp: string): Date | null {
    const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/.exec(stamp);
    if (!parts) return null;
    const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, number, number, number, number, number];
    return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
