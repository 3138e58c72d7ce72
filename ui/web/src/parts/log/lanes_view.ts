/** Lanes of a log beside each other: a row has what each of them says at that time. */
import type { Lanes } from "./lanes";
import { CONTROLLER } from "./line_store";
import type { LogModel } from "./log_model";
import { make, makeNumber, setText, writeNumber, writeText, writeTime } from "./row_dom";
import { type DrawnRow, RowScroller } from "./row_scroller";
import type { RowsViewEvents } from "./rows_view";
import { type LineLook, lineLook, lineText, rowText } from "./row_text";
import type { Row } from "./rows";
import { clearStep, makeStep, type StepParts, writeStep } from "./step_parts";

/** What is left and right of the text of a cell, in pixels. */
const CELL_SPACE = 32;
const COLUMNS_LEAST = 12;
/** How many signs the gap before what a step took is wide. */
const TOOK_SIGNS = 3;

/** step: where steps begin, across all columns or in the controller's own. */
type Cell = { element: HTMLElement; number: HTMLAnchorElement; text: HTMLElement; line: number; step: StepParts | null };
type Drawn = DrawnRow & { time: HTMLElement; heading: Cell; cells: Cell[] };

export class LanesView extends RowScroller<Drawn> {
    private looks: (LineLook | null)[] = [];
    private settled = 0;
    private beside = "";

    constructor(
        box: HTMLElement,
        head: HTMLElement,
        model: LogModel,
        private events: RowsViewEvents,
    ) {
        super(box, model, events.onFollow, head);
        box.style.setProperty("--log-columns", String(model.names.length));
        box.addEventListener("pointerdown", this.onPress, { passive: true });
    }

    override end(): void {
        this.box.removeEventListener("pointerdown", this.onPress);
        delete this.box.dataset.column;
        super.end();
    }

    override refresh(all: boolean): void {
        if (all) this.looks = [];
        // In the moment that goes on, rows get what they had not.
        for (const drawn of this.pool) if (drawn.row >= this.settled) drawn.version = -1;
        this.settled = this.lanes.settled;
        super.refresh(all);
    }

    private get lanes(): Lanes {
        return this.model.lanes!;
    }

    protected get layout(): Lanes {
        return this.lanes;
    }

    get columns(): number {
        const width = this.measured ?? this.ground.clientWidth / this.model.names.length - this.sign * 8 - CELL_SPACE;
        return Math.max(COLUMNS_LEAST, Math.floor(width / this.sign));
    }

    /** How wide the text of a cell is, once one has been drawn that no heading covers. */
    private get measured(): number | undefined {
        for (const { row, cells } of this.pool) {
            const width = row >= 0 ? cells[0]!.text.offsetWidth : 0;
            if (width > 0) return width;
        }
        return undefined;
    }

    /** A selection stays in the column where it began; so do the lines. */
    protected selected(range: Range): string[] | null {
        const column = Number(this.box.dataset.column ?? 0);
        const cells = this.pool.filter((drawn) => drawn.row >= 0).sort((a, b) => a.row - b.row).map((drawn) => drawn.cells[column]);
        const touched = cells.filter((cell): cell is Cell => cell !== undefined && cell.line >= 0 && range.intersectsNode(cell.text));
        if (touched.length < 2) return null;
        return [...new Set(touched.map((cell) => cell.line))].map((line) => lineText(this.model.store, line));
    }

    protected drawn(): void {
        const { model } = this;
        const beside = `${model.rawTimes} ${String(model.store.count).length} ${this.ground.clientWidth}`;
        if (!model.wrap || this.beside === beside || this.measured === undefined) return;
        this.beside = beside;
        this.wrapAt(this.columns);
    }

    protected newRow(): Drawn {
        const element = make("div", "log-row beside");
        const time = make("span", "log-time");
        const heading = this.newCell("log-heading", true);
        const cells = this.model.names.map((name, at) => this.newCell(`log-cell column-${at}`, name === CONTROLLER));
        element.append(time, heading.element, ...cells.map((cell) => cell.element));
        return { element, time, heading, cells, row: -1, version: -1, step: -1 };
    }

    private newCell(classes: string, steps: boolean): Cell {
        const element = make("div", classes);
        const text = make("span", "log-text");
        const number = makeNumber(() => cell.line >= 0 && this.events.onLine(cell.line));
        const cell: Cell = { element, number, text, line: -1, step: steps ? makeStep(() => this.events.onFold(cell.line)) : null };
        element.append(number, text);
        if (cell.step) element.append(cell.step.fold, cell.step.took);
        return cell;
    }

    protected write(drawn: Drawn, row: number): void {
        const { model, lanes } = this;
        const { heading, time, cells } = lanes.at(row);
        drawn.step = -1;
        drawn.element.className = heading >= 0 ? "log-row beside step" : "log-row beside";
        writeTime(drawn.time, time >= 0 ? model.store.stamp(time) : "", model.rawTimes);
        this.writeCell(drawn.heading, "log-heading", heading >= 0 ? { line: heading, part: 0 } : null, -1);
        this.writeStep(drawn, drawn.heading, 0, Infinity);
        for (const [at, cell] of drawn.cells.entries()) {
            const part = cells[at]?.part ?? 0;
            this.writeCell(cell, `log-cell column-${at}`, cells[at] ?? null, at);
            // Of a line that is wrapped, each row is as long as the column is wide.
            if (cell.step) this.writeStep(drawn, cell, part, lanes.columns > 0 ? lanes.columns - cell.text.textContent!.length - TOOK_SIGNS : Infinity);
        }
    }

    private writeCell(cell: Cell, classes: string, row: Row | null, column: number): void {
        const { model, lanes } = this;
        if (!row) {
            // Most cells of a row stay empty or stay filled.
            if (cell.line < 0) return;
            cell.line = -1;
            cell.element.className = classes;
            setText(cell.text, "");
            setText(cell.number, "");
            cell.number.removeAttribute("href");
            return;
        }
        const { line, part } = row;
        const known = column >= 0 ? this.looks[column] : undefined;
        const look = known?.line === line ? known : lineLook(model.store, line, model.needle, true);
        if (column >= 0) this.looks[column] = look;
        cell.line = line;
        cell.element.className = `${classes} ${look.tone}${line === model.marked ? " marked" : ""}${line === model.hit ? " hit" : ""}`;
        writeNumber(cell.number, line, part);
        writeText(cell.text, rowText(look, part, column >= 0 ? lanes.columns : 0));
    }

    private writeStep(drawn: Drawn, cell: Cell, part: number, room: number): void {
        const { steps, rows } = this.model;
        const step = cell.line >= 0 && part === 0 ? steps.indexOf(cell.line) : -1;
        if (step < 0 || steps.starts[step] !== cell.line) {
            clearStep(cell.step!);
            return;
        }
        drawn.step = step;
        writeStep(cell.step!, steps, step, this.lanes.linesOf(step), rows.folded.has(cell.line), room);
    }

    private onPress = (event: Event) => {
        const cell = event.target instanceof Element ? event.target.closest(".log-cell") : null;
        const column = /\bcolumn-(\d)/.exec(cell?.className ?? "");
        if (column) this.box.dataset.column = column[1];
    };
}
