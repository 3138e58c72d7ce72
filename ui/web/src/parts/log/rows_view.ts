/** The lines of a log below each other: all together or those of one lane, with folds, times and durations. */
import { durationText } from "~/parts/Time";

import type { LogModel } from "./log_model";
import { make, makeNumber, writeNumber, writeText, writeTime } from "./row_dom";
import { type DrawnRow, RowScroller } from "./row_scroller";
import { type LineLook, lineLook, lineText, rowText } from "./row_text";
import type { Rows } from "./rows";

/** How much room there is for what is beside the text: number, time, duration. */
const BESIDE_SIGNS = 60;
const LEFT_SIGNS = 60;

type Drawn = DrawnRow & {
    number: HTMLAnchorElement;
    fold: HTMLButtonElement;
    time: HTMLElement;
    text: HTMLElement;
    took: HTMLElement;
};

export type RowsViewEvents = { onLine: (line: number) => void; onFold: (line: number) => void; onFollow: (follow: boolean) => void };

/** The log knows whole seconds. */
const stepDuration = (ms: number) => (ms < 60000 ? `${ms / 1000} s` : durationText(ms));

export class RowsView extends RowScroller<Drawn> {
    private widest = 0;
    private wide = 0;
    private beside = "";
    /** Of the line that was written last: its other rows come next. */
    private look: LineLook | null = null;

    constructor(
        box: HTMLElement,
        model: LogModel,
        private events: RowsViewEvents,
    ) {
        super(box, model, events.onFollow);
    }

    protected get layout(): Rows {
        return this.model.rows;
    }

    get columns(): number {
        const before = (this.pool.find((drawn) => drawn.row >= 0)?.text.offsetLeft ?? 0) || this.sign * 18;
        return Math.max(20, Math.floor((this.box.clientWidth - before - 12) / this.sign));
    }

    override refresh(all: boolean): void {
        if (all) this.look = null;
        super.refresh(all);
    }

    protected selected(range: Range): string[] | null {
        const rows = this.pool.filter((drawn) => drawn.row >= 0 && range.intersectsNode(drawn.text)).map((drawn) => drawn.row);
        if (rows.length < 2) return null;
        const lines = new Set(rows.sort((a, b) => a - b).map((row) => this.model.rows.at(row).line));
        return [...lines].map((line) => lineText(this.model.store, line));
    }

    protected drawn(): void {
        this.fit();
        if (this.widest === this.wide) return;
        this.wide = this.widest;
        this.ground.style.minWidth = this.widest ? `${Math.ceil((this.widest + BESIDE_SIGNS) * this.sign)}px` : "";
    }

    /** What is beside the text has another width now: other rows when they are wrapped. */
    private fit(): void {
        const { model } = this;
        const beside = `${model.rawTimes} ${String(model.store.count).length} ${this.box.clientWidth}`;
        if (!model.wrap || this.beside === beside) return;
        this.beside = beside;
        this.wrapAt(this.columns);
    }

    protected newRow(): Drawn {
        const element = make("div", "log-row");
        const fold = make("button", "log-fold");
        const lineOf = () => this.model.rows.at(drawn.row).line;
        const drawn: Drawn = {
            element,
            number: makeNumber(() => this.events.onLine(lineOf())),
            fold,
            time: make("span", "log-time"),
            text: make("span", "log-text"),
            took: make("span", "log-took"),
            row: -1,
            version: -1,
        };
        fold.type = "button";
        fold.addEventListener("click", () => this.events.onFold(lineOf()));
        element.append(drawn.number, fold, drawn.time, drawn.text, drawn.took);
        return drawn;
    }

    protected write(drawn: Drawn, row: number): void {
        const { model } = this;
        const { line, part } = model.rows.at(row);
        if (this.look?.line !== line) this.look = lineLook(model.store, line, model.needle);
        const text = rowText(this.look, part, model.rows.columns);

        drawn.element.className = `log-row ${this.look.tone}${line === model.marked ? " marked" : ""}${line === model.hit ? " hit" : ""}`;
        writeNumber(drawn.number, line, part);
        writeTime(drawn.time, part === 0 ? model.store.stamp(line) : "", model.rawTimes);
        writeText(drawn.text, text);
        this.writeStep(drawn, line, part);
        // What browsers would measure themselves would be measured for every row: signs are counted instead.
        const signs = text.pieces.reduce((sum, piece) => sum + piece.text.length, 0) + (text.left > 0 ? LEFT_SIGNS : 0);
        this.widest = model.wrap ? 0 : Math.max(this.widest, signs);
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
