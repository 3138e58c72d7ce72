/**
 * Draws the rows that are seen, and a few around them, into a scrolled element. Rows are made once and used again for
 * others; only those that say something new are written. All text goes in as text.
 */
import { durationText } from "~/parts/Time";

import { stampTime } from "./line_store";
import type { LogModel } from "./log_model";
import { type LineLook, lineLook, lineText, rowText } from "./row_text";
import { ScrollScale } from "./scroll_scale";

const AROUND = 8;
const SETTLE_MS = 160;
/** By which one scrolls. */
const INPUTS = ["wheel", "pointerdown", "touchmove", "keydown"];
/** How much room there is for what is beside the text: number, time, duration. */
const BESIDE_SIGNS = 60;
const LEFT_SIGNS = 60;

type Drawn = {
    element: HTMLElement;
    number: HTMLAnchorElement;
    fold: HTMLButtonElement;
    time: HTMLElement;
    text: HTMLElement;
    took: HTMLElement;
    /** What it shows: row and version of all rows. */
    row: number;
    version: number;
};

export type RowsViewEvents = { onLine: (line: number) => void; onFold: (line: number) => void; onFollow: (follow: boolean) => void };

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** The log knows whole seconds. */
const stepDuration = (ms: number) => (ms < 60000 ? `${ms / 1000} s` : durationText(ms));

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, classes: string): HTMLElementTagNameMap[Name] {
    const element = document.createElement(name);
    element.className = classes;
    return element;
}

export class RowsView {
    readonly scale = new ScrollScale();
    /** At the end, whatever comes. */
    follow = false;
    marked = -1;

    private pool: Drawn[] = [];
    private ground = make("div", "log-ground");
    private rowHeight = 20;
    /** How wide one is. */
    private sign = 7;
    private version = 0;
    private frame = 0;
    private settling: ReturnType<typeof setTimeout> | undefined;
    private shift = NaN;
    private widest = 0;
    private beside = "";
    /** A row was gone to, and the reader has done nothing since: it stays in its place while the log grows, and that it is at the end for now does not mean to follow. */
    private shown: { row: number; where: number } | null = null;
    /** Of the line that was written last: its other rows come next. */
    private look: LineLook | null = null;
    private watcher: ResizeObserver;

    constructor(
        private box: HTMLElement,
        private model: LogModel,
        private events: RowsViewEvents,
    ) {
        box.append(this.ground);
        box.addEventListener("scroll", this.onScroll, { passive: true });
        box.addEventListener("copy", this.onCopy);
        for (const input of INPUTS) box.addEventListener(input, this.onInput, { passive: true });
        this.watcher = new ResizeObserver(() => this.resized());
        this.watcher.observe(box);
        this.measure();
    }

    end(): void {
        this.watcher.disconnect();
        this.box.removeEventListener("scroll", this.onScroll);
        this.box.removeEventListener("copy", this.onCopy);
        for (const input of INPUTS) this.box.removeEventListener(input, this.onInput);
        cancelAnimationFrame(this.frame);
        clearTimeout(this.settling);
        this.ground.remove();
    }

    /** Signs that fit in a row. */
    get columns(): number {
        const before = (this.pool.find((drawn) => drawn.row >= 0)?.text.offsetLeft ?? 0) || this.sign * 18;
        return Math.max(20, Math.floor((this.box.clientWidth - before - 12) / this.sign));
    }

    /** Rows came, or all are other ones now. */
    refresh(all: boolean): void {
        if (all) {
            this.version++;
            this.look = null;
        }
        const digits = String(Math.max(100, this.model.store.count)).length;
        this.box.style.setProperty("--log-digits", String(digits));
        this.scale.resize(this.model.rows.count * this.rowHeight, this.box.clientHeight);
        this.ground.style.height = `${this.scale.height}px`;
        if (this.follow) this.scrollTo(this.scale.end);
        else if (this.shown && !all) this.scrollToRow(this.shown.row, this.shown.where);
        this.schedule();
    }

    /** Shows this row; where: from 0, the upper edge, to 1. */
    show(row: number, where = 0.4): void {
        this.shown = { row, where };
        this.scrollToRow(row, where);
        this.schedule();
    }

    isSeen(row: number): boolean {
        const top = row * this.rowHeight;
        return top >= this.scale.position && top + this.rowHeight <= this.scale.position + this.box.clientHeight;
    }

    /** The row at the upper edge. */
    get first(): number {
        return Math.floor(this.scale.position / this.rowHeight);
    }

    setFollow(follow: boolean): void {
        if (this.follow === follow) return;
        this.follow = follow;
        this.events.onFollow(follow);
        if (follow) this.refresh(false);
    }

    private scrollTo(position: number): void {
        this.box.scrollTop = this.scale.goTo(position);
    }

    private scrollToRow(row: number, where: number): void {
        this.scrollTo((row + 0.5) * this.rowHeight - this.box.clientHeight * where);
    }

    private onInput = () => {
        this.shown = null;
    };

    private onScroll = () => {
        const { box, scale } = this;
        // Its size changes: the browser moved it, not the reader, and what is to be done follows.
        if (box.clientHeight !== scale.view) return;
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
        const range = selection.getRangeAt(0);
        const rows = this.pool.filter((drawn) => drawn.row >= 0 && range.intersectsNode(drawn.text)).map((drawn) => drawn.row);
        if (rows.length < 2) return;
        const lines = new Set(rows.sort((a, b) => a - b).map((row) => this.model.rows.at(row).line));
        event.clipboardData.setData("text/plain", [...lines].map((line) => lineText(this.model.store, line)).join("\n"));
        event.preventDefault();
    };

    private resized(): void {
        const follow = this.follow;
        this.measure();
        this.model.setColumns(this.model.wrap ? this.columns : 0);
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
        const { scale, rowHeight, model } = this;
        const seen = Math.ceil(this.box.clientHeight / rowHeight) + 1;
        const first = Math.max(0, this.first - AROUND);
        const last = Math.min(model.rows.count, this.first + seen + AROUND);
        const needed = seen + 2 * AROUND;
        while (this.pool.length < needed) this.pool.push(this.newRow());
        if (this.shift !== scale.shift) {
            this.shift = scale.shift;
            for (const drawn of this.pool) if (drawn.row >= 0) this.place(drawn);
        }
        const widest = this.widest;
        this.arrange(first, last);
        for (const drawn of this.pool) {
            if (drawn.row < 0) drawn.element.hidden = true;
            else if (drawn.version !== this.version) this.write(drawn, drawn.row);
        }
        this.fit();
        if (this.widest !== widest) this.ground.style.minWidth = this.widest ? `${Math.ceil((this.widest + BESIDE_SIGNS) * this.sign)}px` : "";
    }

    /** What is beside the text has another width now: other rows when they are wrapped. */
    private fit(): void {
        const { model } = this;
        const beside = `${model.rawTimes} ${String(model.store.count).length} ${this.box.clientWidth}`;
        if (!model.wrap || this.beside === beside) return;
        this.beside = beside;
        model.setColumns(this.columns);
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

    private newRow(): Drawn {
        const element = make("div", "log-row");
        const number = make("a", "log-number");
        const fold = make("button", "log-fold");
        const time = make("span", "log-time");
        const text = make("span", "log-text");
        const took = make("span", "log-took");
        const drawn: Drawn = { element, number, fold, time, text, took, row: -1, version: -1 };
        // By keyboard one goes to lines by search and address; a hundred links on the way would be in it.
        number.tabIndex = -1;
        fold.type = "button";
        element.hidden = true;
        number.addEventListener("click", (event) => {
            event.preventDefault();
            this.events.onLine(this.model.rows.at(drawn.row).line);
        });
        fold.addEventListener("click", () => this.events.onFold(this.model.rows.at(drawn.row).line));
        element.append(number, fold, time, text, took);
        this.ground.append(element);
        return drawn;
    }

    private write(drawn: Drawn, row: number): void {
        const { model } = this;
        const { line, part } = model.rows.at(row);
        if (this.look?.line !== line) this.look = lineLook(model.store, line, model.needle);
        const { pieces, left } = rowText(this.look, part, model.rows.columns);

        drawn.version = this.version;
        drawn.element.hidden = false;
        drawn.element.className = `log-row ${this.look.tone}${line === this.marked ? " marked" : ""}${line === model.hit ? " hit" : ""}`;
        drawn.number.textContent = part === 0 ? String(line + 1) : "";
        drawn.number.href = `#L${line + 1}`;
        this.writeTime(drawn, line, part);
        drawn.text.replaceChildren(
            ...pieces.map((piece) => {
                if (!piece.classes && !piece.colour && !piece.ground) return document.createTextNode(piece.text);
                const span = make("span", piece.classes);
                span.textContent = piece.text;
                if (piece.colour) span.style.color = piece.colour;
                if (piece.ground) span.style.backgroundColor = piece.ground;
                return span;
            }),
        );
        if (left > 0) drawn.text.append(` … ${left} more characters: wrap the lines to read them`);
        this.writeStep(drawn, line, part);
        this.place(drawn);
        // What browsers would measure themselves would be measured for every row: signs are counted instead.
        const signs = pieces.reduce((sum, piece) => sum + piece.text.length, 0) + (left > 0 ? LEFT_SIGNS : 0);
        this.widest = model.wrap ? 0 : Math.max(this.widest, signs);
    }

    private writeTime(drawn: Drawn, line: number, part: number): void {
        const stamp = part === 0 ? this.model.store.stamp(line) : "";
        const date = stamp ? stampTime(stamp) : null;
        drawn.time.textContent = this.model.rawTimes || !date ? stamp : clock.format(date);
        drawn.time.title = date ? calendar.format(date) : "";
    }

    private writeStep(drawn: Drawn, line: number, part: number): void {
        const { steps, rows } = this.model;
        const step = part === 0 && rows.lane === null ? steps.indexOf(line) : -1;
        const lines = step >= 0 && steps.starts[step] === line ? steps.end(step) - line - 1 : 0;
        const isStep = step >= 0 && steps.starts[step] === line;
        const folded = rows.folded.has(line);
        drawn.fold.hidden = lines === 0;
        drawn.fold.setAttribute("aria-expanded", String(!folded));
        drawn.fold.setAttribute("aria-label", `Step at line ${line + 1}`);
        const duration = isStep ? steps.duration(step) : null;
        drawn.element.classList.toggle("step", isStep);
        drawn.took.textContent = [folded && lines > 0 ? `${lines} ${lines === 1 ? "line" : "lines"}` : "", duration ? stepDuration(duration) : ""].filter(Boolean).join(" · ");
    }
}
