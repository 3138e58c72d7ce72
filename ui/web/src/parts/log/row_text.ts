/** What a row says, in pieces that each look alike. */
import { readAnsi, type Run } from "./ansi";
import type { LineStore } from "./line_store";
import { marksIn } from "./search";

export type Piece = { text: string; classes: string; colour?: string; ground?: string };

/** More signs than that in one row would stop the browser. */
export const ROW_MAX = 8000;

const TONES: [RegExp, string][] = [
    [/^(failed|aborted)(: |$)|^ERROR\b/, "tone-bad"],
    [/^cancelled(: |$)|^WARNING\b/, "tone-warn"],
    [/^done(: |$)/, "tone-good"],
    [/^\[i-[0-9a-z]+\] .* exited with code [1-9]/, "tone-bad"],
];

/** How many colours there are for lanes. */
const LANE_COLOURS = 6;

export type RowText = { pieces: Piece[]; /** Signs that are not shown. */ left: number };

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

/** All that the rows of a line need to know of it: read once, however many they are. */
export type LineLook = { line: number; text: string; tone: string; spans: Span[] };

/** The class of a lane's colour. */
export const laneColour = (lane: number) => `lane-${lane % LANE_COLOURS}`;

/** bare: without whose it is, where that is said otherwise. */
export function lineLook(store: LineStore, line: number, needle: string, bare = false): LineLook {
    const raw = store.text(line);
    const { text: whole, runs } = store.isSpecial(line) ? readAnsi(raw) : { text: raw, runs: [] };
    const lane = store.laneOf(line);
    const skipped = bare ? store.prefix(line) : 0;
    const text = whole.slice(skipped);
    const spans: Span[] = runs.map((run) => ({ from: run.from - skipped, to: run.to - skipped, classes: run.classes, run }));
    if (lane > 0 && !bare) spans.push({ from: 0, to: store.lanes[lane]!.name.length + 2, classes: `lane ${laneColour(lane)}` });
    for (const [from, to] of needle ? marksIn(text, needle) : []) spans.push({ from, to, classes: "mark" });
    return { line, text, tone: TONES.find(([pattern]) => pattern.test(whole))?.[1] ?? "", spans };
}

/** columns: of a wrapped row; 0: it is not wrapped. */
export function rowText(look: LineLook, part: number, columns: number): RowText {
    const from = part * columns;
    const to = Math.min(look.text.length, from + (columns || ROW_MAX));
    return { pieces: cut(look.text, from, to, look.spans), left: columns ? 0 : look.text.length - to };
}
