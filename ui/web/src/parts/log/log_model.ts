/** All that a viewer knows of its log, and what its reader chose. */
import { signal } from "@preact/signals";

import { type FeedState, feedLog } from "./log_feed";
import { LineStore } from "./line_store";
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

    wrap = false;
    rawTimes = false;
    needle = "";
    search: Search | null = null;
    /** The line of the match one is at; -1. */
    hit = -1;
    /** Called when rows came (false) or are others (true). */
    onRows: (all: boolean) => void = () => {};

    private end: () => void;
    private stopped = false;
    private searching = false;

    constructor(path: string) {
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

    setLane(lane: number | null): void {
        this.rows.lane = lane;
        this.rows.rebuild();
        if (this.needle) this.find(this.needle);
        this.changed(true);
    }

    setColumns(columns: number): void {
        if (this.rows.columns === columns) return;
        this.rows.columns = columns;
        this.rows.rebuild();
        this.changed(true);
    }

    setRawTimes(raw: boolean): void {
        this.rawTimes = raw;
        this.changed(true);
    }

    fold(line: number): void {
        if (!this.rows.folded.delete(line)) this.rows.folded.add(line);
        this.rows.rebuild();
        this.changed(true);
    }

    foldAll(fold: boolean): void {
        this.rows.folded.clear();
        if (fold) for (const start of this.steps.starts) this.rows.folded.add(start);
        this.rows.rebuild();
        this.changed(true);
    }

    reveal(line: number): void {
        this.rows.reveal(line);
        this.changed(true);
    }

    find(needle: string): void {
        this.needle = needle;
        this.hit = -1;
        this.search = needle ? new Search(this.store, needle, this.rows.lane) : null;
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
        this.rows.extend();
        this.changed(false);
        if (this.search) this.goOnSearching();
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
