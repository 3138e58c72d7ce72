/**
 * Draws the rows that are seen, and a few around them, into a scrolled element, whatever a row is. Rows are made once
 * and used again for others; only those that say something new are written.
 */
import type { LogModel } from "./log_model";
import { make } from "./row_dom";
import { ScrollScale } from "./scroll_scale";

const AROUND = 8;
const SETTLE_MS = 160;
/** By which one scrolls. */
const INPUTS = ["wheel", "pointerdown", "touchmove", "keydown"];

export type DrawnRow = {
    element: HTMLElement;
    /** What it shows: row and version of all rows. */
    row: number;
    version: number;
    /** The step that begins there; -1. */
    step: number;
};

/** Which rows there are, and where lines are among them. */
export type Layout = { count: number; columns: number; rowOf: (line: number) => number; lineAt: (row: number) => number };

export abstract class RowScroller<Drawn extends DrawnRow> {
    readonly scale = new ScrollScale();
    /** At the end, whatever comes. */
    follow = false;

    protected pool: Drawn[] = [];
    protected ground = make("div", "log-ground");
    /** How wide a sign is. */
    protected sign = 7;
    protected version = 0;

    private rowHeight = 20;
    private frame = 0;
    private settling: ReturnType<typeof setTimeout> | undefined;
    private shift = NaN;
    /** The row that was the first when it was drawn last. */
    private drawnFirst = 0;
    /** The last step when rows came. */
    private lastStep = 0;
    /** A line was gone to, and the reader has done nothing since: it stays in its place while the log grows, and that it is at the end for now does not mean to follow. */
    private shown: { line: number; where: number } | null = null;
    private watcher: ResizeObserver;

    /** head: what stands above the rows inside the box. */
    constructor(
        protected box: HTMLElement,
        protected model: LogModel,
        private onFollow: (follow: boolean) => void,
        private head: HTMLElement | null = null,
    ) {
        box.append(this.ground);
        box.addEventListener("scroll", this.onScroll, { passive: true });
        box.addEventListener("copy", this.onCopy);
        for (const input of INPUTS) box.addEventListener(input, this.onInput, { passive: true });
        this.watcher = new ResizeObserver(() => this.resized());
        this.watcher.observe(box);
        if (head) this.watcher.observe(head);
        this.measure();
    }

    protected abstract get layout(): Layout;
    /** Signs that fit in a row. */
    abstract get columns(): number;
    protected abstract newRow(): Drawn;
    protected abstract write(drawn: Drawn, row: number): void;
    /** The lines of a selection; null: it is copied as it stands. */
    protected abstract selected(range: Range): string[] | null;
    /** After what is seen was written. */
    protected abstract drawn(): void;

    end(): void {
        this.watcher.disconnect();
        this.box.removeEventListener("scroll", this.onScroll);
        this.box.removeEventListener("copy", this.onCopy);
        for (const input of INPUTS) this.box.removeEventListener(input, this.onInput);
        cancelAnimationFrame(this.frame);
        clearTimeout(this.settling);
        this.ground.remove();
    }

    /** Rows came, or all are other ones now. */
    refresh(all: boolean): void {
        if (all) this.version++;
        // How long it lasts and what is below it is told where a step begins: of the one that went on, again.
        for (const drawn of this.pool) if (drawn.step >= this.lastStep) drawn.version = -1;
        this.lastStep = Math.max(0, this.model.steps.starts.length - 1);
        const digits = String(Math.max(100, this.model.store.count)).length;
        this.box.style.setProperty("--log-digits", String(digits));
        this.scale.resize(this.layout.count * this.rowHeight, this.height);
        this.ground.style.height = `${this.scale.height}px`;
        if (this.follow) this.scrollTo(this.scale.end);
        else if (this.shown) this.scrollToRow(this.layout.rowOf(this.shown.line), this.shown.where);
        this.schedule();
    }

    /** Shows this line; where: from 0, the upper edge, to 1. */
    show(line: number, where = 0.4): void {
        this.shown = { line, where };
        this.scrollToRow(this.layout.rowOf(line), where);
        this.schedule();
    }

    isSeen(row: number): boolean {
        const top = row * this.rowHeight;
        return top >= this.scale.position && top + this.rowHeight <= this.scale.position + this.height;
    }

    /** The row at the upper edge. */
    get first(): number {
        return Math.floor(this.scale.position / this.rowHeight);
    }

    setFollow(follow: boolean): void {
        if (this.follow === follow) return;
        this.follow = follow;
        this.onFollow(follow);
        if (follow) this.refresh(false);
    }

    /** The line at the upper edge. */
    get line(): number {
        const { count } = this.layout;
        return count > 0 ? this.layout.lineAt(Math.min(this.first, count - 1)) : 0;
    }

    /** Other rows for the same lines: what is looked at stays. */
    protected wrapAt(columns: number): void {
        const { line } = this;
        const before = this.layout.columns;
        this.model.setColumns(columns);
        if (before !== this.layout.columns && !this.follow && !this.shown) this.scrollToRow(this.layout.rowOf(line), 0.5 * (this.rowHeight / Math.max(1, this.height)));
    }

    /** How much room there is for rows. */
    private get height(): number {
        return this.box.clientHeight - (this.head?.offsetHeight ?? 0);
    }

    private scrollTo(position: number): void {
        this.box.scrollTop = this.scale.goTo(position);
    }

    private scrollToRow(row: number, where: number): void {
        this.scrollTo((row + 0.5) * this.rowHeight - this.height * where);
    }

    private onInput = () => {
        this.shown = null;
    };

    private onScroll = () => {
        const { box, scale } = this;
        // Its size changes: the browser moved it, not the reader, and what is to be done follows.
        if (this.height !== scale.view) return;
        // Half a pixel: what was set comes back rounded.
        if (Math.abs(box.scrollTop - scale.top) > 1) {
            scale.scrolled(box.scrollTop);
            const atEnd = scale.position >= scale.end - this.rowHeight;
            if (!atEnd || !this.shown) this.setFollow(atEnd);
            clearTimeout(this.settling);
            this.settling = setTimeout(() => {
                this.box.scrollTop = scale.settle();
                this.schedule();
            }, SETTLE_MS);
        }
        this.schedule();
    };

    /** Lines as the log has them, not the boxes that they are shown in. */
    private onCopy = (event: ClipboardEvent) => {
        const selection = getSelection();
        if (!selection?.rangeCount || !event.clipboardData) return;
        const lines = this.selected(selection.getRangeAt(0));
        if (!lines) return;
        event.clipboardData.setData("text/plain", lines.join("\n"));
        event.preventDefault();
    };

    private resized(): void {
        const follow = this.follow;
        this.measure();
        this.wrapAt(this.model.wrap ? this.columns : 0);
        this.refresh(true);
        if (follow) this.scrollTo(this.scale.end);
    }

    private measure(): void {
        this.sign = this.width("0".repeat(100));
        this.rowHeight = parseFloat(getComputedStyle(this.box).getPropertyValue("--log-row")) || 20;
    }

    private width(sample: string): number {
        const probe = make("span", "log-probe");
        probe.textContent = sample;
        this.box.append(probe);
        const width = probe.getBoundingClientRect().width / sample.length;
        probe.remove();
        return width || 7;
    }

    private schedule(): void {
        if (!this.frame)
            this.frame = requestAnimationFrame(() => {
                this.frame = 0;
                this.draw();
            });
    }

    private draw(): void {
        const { scale, rowHeight } = this;
        const seen = Math.ceil(this.box.clientHeight / rowHeight) + 1;
        // Far from where it was no row can stay: for as long as it is moved so, what is around would be written for nobody.
        const jumped = Math.abs(this.first - this.drawnFirst) > seen + AROUND;
        const around = jumped ? 0 : AROUND;
        const first = Math.max(0, this.first - around);
        const last = Math.min(this.layout.count, this.first + seen + around);
        this.drawnFirst = this.first;
        const needed = seen + 2 * AROUND;
        while (this.pool.length < needed) {
            const made = this.newRow();
            made.element.hidden = true;
            this.ground.append(made.element);
            this.pool.push(made);
        }
        if (this.shift !== scale.shift) {
            this.shift = scale.shift;
            for (const drawn of this.pool) if (drawn.row >= 0) this.place(drawn);
        }
        this.arrange(first, last);
        for (const drawn of this.pool) {
            if (drawn.row < 0) drawn.element.hidden = true;
            else if (drawn.version !== this.version) {
                drawn.version = this.version;
                drawn.element.hidden = false;
                this.write(drawn, drawn.row);
                this.place(drawn);
            }
        }
        this.drawn();
        if (jumped) this.schedule();
    }

    /** Gives each of the rows an element. They stand in the document as they are seen, so that text can be selected. */
    private arrange(first: number, last: number): void {
        const shown = new Map<number, Drawn>();
        const free: Drawn[] = [];
        for (const drawn of this.pool) {
            if (drawn.row >= first && drawn.row < last) shown.set(drawn.row, drawn);
            else {
                drawn.row = -1;
                free.push(drawn);
            }
        }
        let taken = 0;
        let next = this.ground.firstChild;
        for (let row = first; row < last; row++) {
            let drawn = shown.get(row);
            if (!drawn) {
                drawn = free[taken++]!;
                drawn.row = row;
                drawn.version = -1;
                if (drawn.element === next) next = next.nextSibling;
                else this.ground.insertBefore(drawn.element, next);
                continue;
            }
            while (next && next !== drawn.element) next = next.nextSibling;
            next = drawn.element.nextSibling;
        }
    }

    private place(drawn: Drawn): void {
        drawn.element.style.transform = `translateY(${drawn.row * this.rowHeight + this.scale.shift}px)`;
    }
}
