/**
 * Where the steps of a job begin. The controller says what it does now in a line of its own with a time; what comes
 * until the next such line belongs to it: what the agents print, and what it reports meanwhile.
 */
import { type LineStore, stampTime } from "./line_store";

/** How such a line begins. */
const BEGINNINGS = [
    "Job processing started",
    // modules
    "Fetching ",
    "Running ",
    "Deploying ",
    "Redeploying ",
    "Batch ",
    "Taking ",
    "Putting back ",
    "Going back",
    // images and instances
    "Source image ",
    "Launched ",
    "Bootstrapping ",
    "Removing what ",
    "Creating ",
    "Terminating ",
    "Making ",
    "Waiting for the agent ",
    "Deregistering ",
    // groups
    "Suspending ",
    "Resumed ",
    "Auto Scaling group ",
    "Made launch template ",
    "Made version ",
];
/** The verdict: a step of its own. */
const ENDS = /^(done|failed|aborted|cancelled)(: |$)/;
const LONGEST = Math.max(...BEGINNINGS.map((text) => text.length));

export function beginsStep(text: string): boolean {
    return BEGINNINGS.some((beginning) => text.startsWith(beginning)) || ENDS.test(text);
}

export class Steps {
    /** Lines. */
    readonly starts: number[] = [];
    private seen = 0;
    private lastTimed = -1;

    constructor(private store: LineStore) {}

    /** Looks at the lines that are new. */
    extend(): void {
        const { store } = this;
        for (; this.seen < store.count; this.seen++) {
            if (!store.isTimed(this.seen)) continue;
            this.lastTimed = this.seen;
            if (store.laneOf(this.seen) === 0 && beginsStep(store.text(this.seen, LONGEST))) this.starts.push(this.seen);
        }
    }

    /** The step that a line belongs to; -1: before the first. */
    indexOf(line: number): number {
        let low = -1;
        let high = this.starts.length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.starts[middle]! <= line) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /** Takes the step that hides a line out of those that are folded; whether one did. */
    unfold(folded: Set<number>, line: number): boolean {
        const start = this.starts[this.indexOf(line)];
        return start !== undefined && start !== line && folded.delete(start);
    }

    /** Behind its last line. */
    end(step: number): number {
        return this.starts[step + 1] ?? this.store.count;
    }

    /** In ms; null: it has no end that is known. */
    duration(step: number): number | null {
        const until = this.starts[step + 1] ?? this.lastTimed;
        const from = stampTime(this.store.stamp(this.starts[step]!));
        const to = until >= 0 ? stampTime(this.store.stamp(until)) : null;
        return from && to ? Math.max(0, to.getTime() - from.getTime()) : null;
    }
}
