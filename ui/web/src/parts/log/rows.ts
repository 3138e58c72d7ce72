/** Which line each row shows: lanes that are chosen, steps that are folded, long lines in parts when they are wrapped. */
import { readAnsi } from "./ansi";
import type { LineStore } from "./line_store";
import { Numbers } from "./numbers";
import { shownWidth } from "./shown_width";
import type { Steps } from "./steps";

/** As wide as it is shown. */
export function lineWidth(store: LineStore, line: number): number {
    if (!store.isSpecial(line)) return store.length(line);
    const width = shownWidth(store.bytesOf(line));
    return width >= 0 ? width : readAnsi(store.text(line)).text.length;
}

export type Row = { line: number; part: number };

export class Rows {
    count = 0;
    /** null: all of them. A lane has no headings to unfold by, so there folds do not count. */
    lane: number | null = null;
    /** First lines of the steps of which only that is shown; of lanes beside each other too. */
    readonly folded = new Set<number>();
    /** Signs in a row; 0: as long as it takes. */
    columns = 0;

    private seen = 0;
    /** null: all lines. */
    private lines: Numbers | null = null;
    /** The first row of each line that is shown; null: one row each. */
    private firsts: Numbers | null = null;

    constructor(
        private store: LineStore,
        private steps: Steps,
    ) {}

    /** Something else is to be shown. */
    rebuild(): void {
        this.count = 0;
        this.seen = 0;
        this.lines = this.lane !== null || this.folded.size > 0 ? new Numbers() : null;
        this.firsts = this.columns > 0 ? new Numbers() : null;
        this.extend();
    }

    /** Looks at the lines that are new. */
    extend(): void {
        const { store, steps } = this;
        if (!this.lines && !this.firsts) {
            this.seen = this.count = store.count;
            return;
        }
        let step = steps.indexOf(this.seen - 1);
        let hidden = this.hides(step);
        for (; this.seen < store.count; this.seen++) {
            const begins = steps.starts[step + 1] === this.seen;
            if (begins) hidden = this.hides(++step);
            if (this.lane === null ? begins || !hidden : store.laneOf(this.seen) === this.lane) this.push(this.seen);
        }
    }

    at(row: number): Row {
        if (!this.firsts) return { line: this.lines ? this.lines.values[row]! : row, part: 0 };
        const index = this.firsts.atMost(row);
        return { line: this.lines ? this.lines.values[index]! : index, part: row - this.firsts.values[index]! };
    }

    /** Of the line, or of the last one before it that is shown. */
    rowOf(line: number): number {
        const index = this.lines ? Math.max(0, this.lines.atMost(line)) : Math.min(line, this.store.count - 1);
        return Math.max(0, this.firsts ? (this.firsts.values[index] ?? 0) : index);
    }

    /** The line at a row. */
    lineAt(row: number): number {
        return this.at(row).line;
    }

    /** Unfolds what hides it. */
    reveal(line: number): void {
        const folded = this.steps.unfold(this.folded, line);
        const otherLane = this.lane !== null && this.store.laneOf(line) !== this.lane;
        if (otherLane) this.lane = null;
        if (folded || otherLane) this.rebuild();
    }

    private hides(step: number): boolean {
        const start = this.steps.starts[step];
        return start !== undefined && this.folded.has(start);
    }

    private push(line: number): void {
        this.lines?.push(line);
        this.firsts?.push(this.count);
        this.count += this.columns > 0 ? Math.max(1, Math.ceil(lineWidth(this.store, line) / this.columns)) : 1;
    }
}
