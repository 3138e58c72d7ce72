/** Where a log is shown: its lines below each other, or its lanes beside each other, as the model says. */
import { LanesView } from "./lanes_view";
import type { LogModel } from "./log_model";
import { RowsView, type RowsViewEvents } from "./rows_view";

export class LogPane {
    private view: RowsView | LanesView;
    /** The lanes that the view was made for; null: rows. */
    private shows: readonly string[] | null = null;

    /** head: what stands above lanes. */
    constructor(
        private box: HTMLElement,
        private head: HTMLElement,
        private model: LogModel,
        private events: RowsViewEvents,
    ) {
        this.view = this.made();
    }

    end(): void {
        this.view.end();
    }

    refresh(all: boolean): void {
        const { model, view } = this;
        // Lanes that are laid out anew, in rows of another length say, keep their view; other lanes get one of their own.
        if (this.shows !== (model.lanes && model.names)) {
            const { follow } = view;
            view.end();
            this.view = this.made();
            this.view.follow = follow;
        }
        this.view.refresh(all);
    }

    get columns(): number {
        return this.view.columns;
    }

    /** The line at the upper edge. */
    get line(): number {
        return this.view.line;
    }

    show(line: number, where?: number): void {
        this.view.show(line, where);
    }

    setFollow(follow: boolean): void {
        this.view.setFollow(follow);
    }

    private made(): RowsView | LanesView {
        const { box, head, model, events } = this;
        this.shows = model.lanes && model.names;
        return model.lanes ? new LanesView(box, head, model, events) : new RowsView(box, model, events);
    }
}
