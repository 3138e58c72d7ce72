/** What a row says, in pieces that each look alike. */
import { readAnsi, type Run } from "./ansi";
import type { LineStore } from "./line_store";
import type { Row } from "./rows";
import { marksIn } from "./search";

export type Piece = { text: string; classes: string; colour?: string; ground?: string };

/** More signs than that in one row would stop the browser. */
export const ROW_MAX = 8000;
const MARKS_MAX = 200;

const TONES: [RegExp, string][] = [
    [/^(failed|aborted)(: |$)|^ERROR\b/, "tone-bad"],
    [/^cancelled(: |$)|^WARNING\b/, "tone-warn"],
    [/^done(: |$)/, "tone-good"],
    [/^\[i-[0-9a-z]+\] .* exited with code [1-9]/, "tone-bad"],
];

/** How many colours there are for lanes. */
const LANE_COLOURS = 6;

export type RowText = { tone: string; pieces: Piece[]; /** Signs that are not shown. */ left: number };

type Span = { from: number; to: number; classes: string; run?: Run };

/** Cuts [from, to) wherever one of the spans begins or ends. */
function cut(text: string, from: number, to: number, spans: Span[]): Piece[] {
    const edges = new Set([from, to]);
    const inside = spans.filter((span) => span.to > from && span.from < to);
    for (const span of inside) {
        edges.add(Math.max(from, span.from));
        edges.add(Math.min(to, span.to));
    }
    const places = [...edges].sort((a, b) => a - b);
    return places.slice(0, -1).map((start, i) => {
        const covering = inside.filter((span) => span.from <= start && span.to > start);
        const run = covering.find((span) => span.run)?.run;
        return { text: text.slice(start, places[i + 1]), classes: covering.map((span) => span.classes).filter(Boolean).join(" "), colour: run?.colour, ground: run?.ground };
    });
}

/** A whole line as the log has it, without colours. */
export function lineText(store: LineStore, line: number): string {
    const stamp = store.stamp(line);
    return `${stamp && `${stamp}: `}${readAnsi(store.text(line)).text}`;
}

/** columns: of a wrapped row; 0: it is not wrapped. */
export function rowText(store: LineStore, row: Row, columns: number, needle: string): RowText {
    const raw = store.text(row.line);
    const { text, runs } = store.isSpecial(row.line) ? readAnsi(raw) : { text: raw, runs: [] };
    const from = row.part * columns;
    const to = columns ? Math.min(text.length, from + columns) : Math.min(text.length, ROW_MAX);
    const spans: Span[] = runs.map((run) => ({ from: run.from, to: run.to, classes: run.classes, run }));
    const lane = store.laneOf(row.line);
    if (lane > 0) spans.push({ from: 0, to: store.lanes[lane]!.name.length + 2, classes: `lane lane-${lane % LANE_COLOURS}` });
    for (const [start, end] of needle ? marksIn(text, needle).slice(0, MARKS_MAX) : []) spans.push({ from: start, to: end, classes: "mark" });
    return {
        tone: TONES.find(([pattern]) => pattern.test(text))?.[1] ?? "",
        pieces: cut(text, from, to, spans),
        left: columns ? 0 : text.length - to,
    };
}
