/** All that a viewer knows of its log, and what its reader chose. */
import { signal } from "@preact/signals";

import { type FeedState, feedLog } from "./log_feed";
import { Lanes } from "./lanes";
import { CONTROLLER, LineStore } from "./line_store";
import { Rows } from "./rows";
import { Search } from "./search";
import { Steps } from "./steps";

const TURN_MS = 10;
/** How often a search that goes on says how far it is. */
const TELL_MS = 150;

/** "#L123": 122; -1: none. */
export function lineOfHash(hash: string): number {
    const number = /^#L([1-9]\d*)$/.exec(hash);
    return number ? Number(number[1]) - 1 : -1;
}

export class LogModel {
    readonly store = new LineStore();
    readonly steps = new Steps(this.store);
    readonly rows = new Rows(this.store, this.steps);
    readonly state = signal<{ state: FeedState; message: string; progress: number }>({ state: "loading", message: "", progress: 0 });
    /** Rises with all that changes what a bar of the viewer says. */
    readonly tick = signal(0);

    /** The lanes that are chosen: none, all together; one, that alone; more, beside each other. */
    names: readonly string[];
    /** Those beside each other; null: rows are shown. */
    lanes: Lanes | null = null;
    /** The line that is marked; -1. */
    marked = -1;
    rawTimes = false;
    needle = "";
    search: Search | null = null;
    /** The line of the match one is at; -1. */
    hit = -1;
    /** Called when rows came (false) or are others (true). */
    onRows: (all: boolean) => void = () => {};

    /** Columns are narrow: there long lines are wrapped until one does not want it. */
    private wraps = { rows: false, lanes: true };
    private end: () => void;
    private stopped = false;
    private searching = false;

    constructor(path: string, names: readonly string[] = []) {
        this.names = names;
        this.layOut();
        this.end = feedLog({
            path,
            onBytes: (bytes) => {
                this.store.add(bytes);
                this.grown();
            },
            onProgress: (progress) => {
                this.state.value = { ...this.state.value, progress };
            },
            onState: (state, message) => {
                if (state === "ended") {
                    this.store.finish();
                    this.grown();
                }
                this.state.value = { ...this.state.value, state, message };
            },
        });
    }

    stop(): void {
        this.stopped = true;
        this.end();
    }

    /** What is shown, row by row. */
    get layout(): Rows | Lanes {
        return this.lanes ?? this.rows;
    }

    get wrap(): boolean {
        return this.lanes ? this.wraps.lanes : this.wraps.rows;
    }

    set wrap(wrap: boolean) {
        this.wraps[this.lanes ? "lanes" : "rows"] = wrap;
    }

    /** Names of all lanes that have come, the controller's first. */
    get known(): string[] {
        return this.store.lanes.map((lane) => lane.name || CONTROLLER);
    }

    /** How many lines are shown, folded ones too. */
    get shown(): number {
        if (this.lanes) return this.lanes.lines;
        const { lane } = this.rows;
        return lane === null ? this.store.count : (this.store.lanes[lane]?.lines ?? 0);
    }

    setLanes(names: readonly string[]): void {
        this.names = [...names];
        this.layOut();
        if (this.needle) this.find(this.needle);
        this.changed(true);
    }

    setColumns(columns: number): void {
        if (this.layout.columns === columns) return;
        if (this.lanes) this.layOut(columns);
        else {
            this.rows.columns = columns;
            this.rows.rebuild();
        }
        this.changed(true);
    }

    setRawTimes(raw: boolean): void {
        this.rawTimes = raw;
        this.changed(true);
    }

    mark(line: number): void {
        this.marked = line;
        this.changed(true);
    }

    fold(line: number): void {
        if (!this.rows.folded.delete(line)) this.rows.folded.add(line);
        this.layOut();
        this.changed(true);
    }

    foldAll(fold: boolean): void {
        this.rows.folded.clear();
        if (fold) for (const start of this.steps.starts) this.rows.folded.add(start);
        this.layOut();
        this.changed(true);
    }

    reveal(line: number): void {
        if (this.lanes) {
            if (!this.lanes.shows(line)) this.setLanes([]);
            else if (this.steps.unfold(this.rows.folded, line)) {
                this.layOut();
                this.changed(true);
            }
            return;
        }
        this.rows.reveal(line);
        if (this.rows.lane === null && this.names.length > 0) this.setLanes([]);
        else this.changed(true);
    }

    find(needle: string): void {
        this.needle = needle;
        this.hit = -1;
        this.search = needle ? new Search(this.store, needle, this.searched()) : null;
        this.changed(true);
        this.goOnSearching();
    }

    /** The line of the next match from this one on, or of the one before it; -1: none. */
    match(from: number, backwards: boolean): number {
        const { search } = this;
        if (!search || search.count === 0) return -1;
        this.hit = search.found[backwards ? search.before(from) : search.after(from)]!;
        this.changed(true);
        return this.hit;
    }

    private grown(): void {
        this.steps.extend();
        const late = this.isLate();
        if (late) this.layOut();
        else this.layout.extend();
        this.changed(late);
        if (this.search) this.goOnSearching();
    }

    /** Of the names that are chosen. */
    private layOut(columns = this.lanes?.columns ?? 0): void {
        if (this.names.length > 1) {
            this.lanes = new Lanes(this.store, this.steps, this.names, columns, this.rows.folded);
            this.lanes.extend();
            return;
        }
        this.lanes = null;
        this.rows.lane = this.names.length === 1 ? this.store.laneNumber(this.names[0]!) : null;
        this.rows.rebuild();
    }

    /** The one lane that is wanted was not there yet, and is now. */
    private isLate(): boolean {
        return this.rows.lane === -1 && !this.lanes && this.store.laneNumber(this.names[0]!) >= 0;
    }

    /** The lanes that a search looks into; null: all. */
    private searched(): ReadonlySet<number> | null {
        if (this.lanes) return this.lanes.numbers;
        return this.rows.lane === null ? null : new Set([this.rows.lane]);
    }

    private changed(all: boolean): void {
        this.onRows(all);
        this.tick.value++;
    }

    /** A turn, then the page's, and so on. */
    private goOnSearching(): void {
        if (this.searching) return;
        this.searching = true;
        let told = 0;
        const turn = () => {
            const more = !this.stopped && this.search?.turn(TURN_MS);
            if (!more || performance.now() - told > TELL_MS) {
                told = performance.now();
                this.tick.value++;
            }
            if (more) setTimeout(turn);
            else this.searching = false;
        };
        turn();
    }
}
