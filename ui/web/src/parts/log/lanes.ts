/**
 * Lanes beside each other, aligned by time: what was printed in one moment stands at one height. A moment lasts until
 * the log's next time, until the controller's next step, or for so many lines, since what instances print has no times
 * of its own. Within it each lane has its lines below each other, without the gaps of the others.
 */
import type { LineStore } from "./line_store";
import { Numbers } from "./numbers";
import { lineWidth, type Row } from "./rows";
import type { Steps } from "./steps";

export const MOMENT_LINES = 30;

export type LanesRow = {
    /** A step of the controller's, across all columns; -1: none. */
    heading: number;
    /** The line whose time it is, where another moment begins; -1. */
    time: number;
    /** By column; null: nothing. */
    cells: (Row | null)[];
};

class Column {
    lane = -1;
    readonly lines = new Numbers();
    /** The first row of each. */
    readonly firsts = new Numbers();
    /** Below its last line. */
    end = 0;

    constructor(readonly name: string) {}
}

export class Lanes {
    count = 0;
    /** The rows before this one stay as they are, whatever comes. */
    settled = 0;

    private columnsOf: Column[];
    private byLane: (Column | undefined)[] = [];
    private headings = { rows: new Numbers(), lines: new Numbers() };
    private times = { rows: new Numbers(), lines: new Numbers() };
    private seen = 0;
    private inMoment = 0;
    /** By the first line of a step that is folded: how many lines of the columns it hides. */
    private hidden = new Map<number, number>();
    /** The last line with a time, and whether its time is still to be told. */
    private timed = -1;
    private told = true;

    /** columns: signs in a row of a cell; 0: a row to each line, as long as it takes. folded: first lines of the steps of which only that is shown. */
    constructor(
        private store: LineStore,
        private steps: Steps,
        readonly names: readonly string[],
        readonly columns = 0,
        private folded: ReadonlySet<number> = new Set(),
    ) {
        this.columnsOf = names.map((name) => new Column(name));
    }

    /** Looks at the lines that are new. */
    extend(): void {
        const { store, steps } = this;
        this.findLanes();
        let step = steps.indexOf(this.seen - 1);
        let hides = this.hides(step);
        for (; this.seen < store.count; this.seen++) {
            const line = this.seen;
            const begins = steps.starts[step + 1] === line;
            const column = this.byLane[store.laneOf(line)];
            if (begins) {
                // What it has to say stands beside nothing of a step that is folded.
                if (hides) this.begin();
                hides = this.hides(++step);
            } else if (hides) {
                if (column) this.hide(steps.starts[step]!);
                continue;
            }
            if (store.isTimed(line)) this.time(line);
            if (column) this.push(column, line);
            else if (begins) this.head(line);
        }
    }

    at(row: number): LanesRow {
        const heading = this.headings.rows.find(row);
        const time = this.times.rows.find(row);
        return {
            heading: heading < 0 ? -1 : this.headings.lines.values[heading]!,
            time: time < 0 ? -1 : this.times.lines.values[time]!,
            cells: this.columnsOf.map((column) => this.cell(column, row)),
        };
    }

    /** Of the line, or of what is shown of the time before it. */
    rowOf(line: number): number {
        const heading = this.headings.lines.atMost(line);
        let row = heading < 0 ? 0 : this.headings.rows.values[heading]!;
        if (heading >= 0 && this.headings.lines.values[heading] === line) return row;
        for (const { lines, firsts } of this.columnsOf) {
            const at = lines.atMost(line);
            if (at < 0) continue;
            if (lines.values[at] === line) return firsts.values[at]!;
            row = Math.max(row, firsts.values[at]!);
        }
        return row;
    }

    /** The first of the lines at a row, or the last one above it. */
    lineAt(row: number): number {
        const { heading, cells } = this.at(row);
        const here = [heading, ...cells.map((cell) => cell?.line ?? -1)].filter((line) => line >= 0);
        if (here.length > 0) return Math.min(...here);
        return Math.max(
            0,
            ...this.columnsOf.map(({ lines, firsts }) => {
                const at = firsts.atMost(row);
                return at < 0 ? 0 : lines.values[at]!;
            }),
        );
    }

    /** Whether it has a place here. */
    shows(line: number): boolean {
        return this.byLane[this.store.laneOf(line)] !== undefined || this.headings.lines.find(line) >= 0;
    }

    /** The numbers of the lanes that are known already. */
    get numbers(): Set<number> {
        this.findLanes();
        return new Set(this.columnsOf.map(({ lane }) => lane).filter((lane) => lane >= 0));
    }

    /** How many lines stand in the columns, those of steps that are folded too. */
    get lines(): number {
        const hidden = [...this.hidden.values()].reduce((sum, lines) => sum + lines, 0);
        return this.columnsOf.reduce((sum, { lines }) => sum + lines.count, hidden);
    }

    /** How many lines of a step stand in the columns below its first, or would if it were not folded. */
    linesOf(step: number): number {
        const start = this.steps.starts[step]!;
        if (this.folded.has(start)) return this.hidden.get(start) ?? 0;
        const last = this.steps.end(step) - 1;
        return this.columnsOf.reduce((sum, { lines }) => sum + lines.atMost(last) - lines.atMost(start), 0);
    }

    /** An instance may not have printed anything yet: it has its column all the same. */
    private findLanes(): void {
        for (const column of this.columnsOf) {
            if (column.lane >= 0) continue;
            column.lane = this.store.laneNumber(column.name);
            if (column.lane >= 0) this.byLane[column.lane] = column;
        }
    }

    private hides(step: number): boolean {
        return step >= 0 && this.folded.has(this.steps.starts[step]!);
    }

    private hide(start: number): void {
        this.hidden.set(start, (this.hidden.get(start) ?? 0) + 1);
    }

    private time(line: number): void {
        if (this.timed >= 0 && this.store.sameSecond(this.timed, line)) return;
        this.timed = line;
        this.told = false;
        this.begin();
    }

    private begin(): void {
        this.settled = this.count;
        this.inMoment = 0;
    }

    private tell(row: number): void {
        if (this.told) return;
        this.told = true;
        this.times.rows.push(row);
        this.times.lines.push(this.timed);
    }

    private head(line: number): void {
        this.tell(this.count);
        this.headings.rows.push(this.count);
        this.headings.lines.push(line);
        this.count++;
        this.begin();
    }

    private push(column: Column, line: number): void {
        if (this.inMoment >= MOMENT_LINES) this.begin();
        const first = Math.max(column.end, this.settled);
        this.tell(this.settled);
        column.lines.push(line);
        column.firsts.push(first);
        column.end = first + this.height(line);
        this.count = Math.max(this.count, column.end);
        this.inMoment++;
    }

    private height(line: number): number {
        if (this.columns === 0) return 1;
        return Math.max(1, Math.ceil((lineWidth(this.store, line) - this.store.prefix(line)) / this.columns));
    }

    private cell({ lines, firsts }: Column, row: number): Row | null {
        const at = firsts.atMost(row);
        if (at < 0) return null;
        const line = lines.values[at]!;
        const part = row - firsts.values[at]!;
        return part < this.height(line) ? { line, part } : null;
    }
}
