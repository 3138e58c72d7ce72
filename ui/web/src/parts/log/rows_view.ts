/** The lines of a log below each other: all together or those of one lane, with folds, times and durations. */
import type { LogModel } from "./log_model";
import { make, makeNumber, writeNumber, writeText, writeTime } from "./row_dom";
import { type DrawnRow, RowScroller } from "./row_scroller";
import { type LineLook, lineLook, lineText, rowText } from "./row_text";
import type { Rows } from "./rows";
import { clearStep, makeStep, type StepParts, writeStep } from "./step_parts";

/** How much room there is for what is beside the text: number, time, duration. */
const BESIDE_SIGNS = 60;
const LEFT_SIGNS = 60;

type Drawn = DrawnRow & StepParts & { number: HTMLAnchorElement; time: HTMLElement; text: HTMLElement };

export type RowsViewEvents = { onLine: (line: number) => void; onFold: (line: number) => void; onFollow: (follow: boolean) => void };

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
        const lineOf = () => this.model.rows.at(drawn.row).line;
        const drawn: Drawn = {
            element,
            number: makeNumber(() => this.events.onLine(lineOf())),
            ...makeStep(() => this.events.onFold(lineOf())),
            time: make("span", "log-time"),
            text: make("span", "log-text"),
            row: -1,
            version: -1,
            step: -1,
        };
        element.append(drawn.number, drawn.fold, drawn.time, drawn.text, drawn.took);
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
        drawn.step = step >= 0 && steps.starts[step] === line ? step : -1;
        drawn.element.classList.toggle("step", drawn.step >= 0);
        if (drawn.step >= 0) writeStep(drawn, steps, step, steps.end(step) - line - 1, rows.folded.has(line));
        else clearStep(drawn);
    }
}
