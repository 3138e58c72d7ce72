/**
 * Colours as terminals are told them (SGR): 16 by class, 256 and true ones as a colour that can be read on the log's
 * ground. All other escape sequences and control characters are dropped. A line begins without any.
 */
export type Run = { from: number; to: number; classes: string; colour?: string; ground?: string };
export type Styled = { text: string; runs: Run[] };

type Colour = { kind: "class"; name: string } | { kind: "rgb"; rgb: Rgb } | null;
export type Rgb = [red: number, green: number, blue: number];
type State = { fg: Colour; bg: Colour; bold: boolean; dim: boolean; italic: boolean; underline: boolean; inverse: boolean };

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** CSI, OSC, and the short ones; ESC also as the two signs ^[ where a colour follows. */
// eslint-disable-next-line no-control-regex
const ESCAPE = /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|\^\[\[([0-9;]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?/g;
export const TAB = 8;
/** Darkest ground of the log in both themes. */
const LOG_GROUND: Rgb = [15, 18, 24];
const ENOUGH = 4.5;

const plain = (): State => ({ fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false });

/** The colour number n of 256. */
function indexed(n: number): Colour {
    if (n < 16) return { kind: "class", name: (n > 7 ? "bright-" : "") + NAMES[n % 8]! };
    if (n > 231) {
        const grey = 8 + (n - 232) * 10;
        return { kind: "rgb", rgb: [grey, grey, grey] };
    }
    const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
    return { kind: "rgb", rgb: [level(Math.floor((n - 16) / 36)), level(Math.floor((n - 16) / 6) % 6), level((n - 16) % 6)] };
}

/** 38;5;N, 38;2;R;G;B: how many numbers it took is given back too. */
function extended(codes: number[], at: number): [Colour, number] {
    const byte = (i: number) => Math.min(255, codes[i] ?? 0);
    if (codes[at] === 5) return [indexed(byte(at + 1)), 2];
    if (codes[at] === 2) return [{ kind: "rgb", rgb: [byte(at + 1), byte(at + 2), byte(at + 3)] }, 4];
    return [null, 0];
}

function apply(state: State, parameters: string): State {
    // 38:2::R:G:B is the same with another sign and an empty place.
    const codes = parameters.replace(/([34]8):2::/g, "$1:2:").split(/[;:]/).map(Number);
    let next = { ...state };
    for (let i = 0; i < codes.length; i++) {
        const code = codes[i]!;
        if (code === 0) next = plain();
        else if (code === 1) next.bold = true;
        else if (code === 2) next.dim = true;
        else if (code === 3) next.italic = true;
        else if (code === 4) next.underline = true;
        else if (code === 7) next.inverse = true;
        else if (code === 22) next.bold = next.dim = false;
        else if (code === 23) next.italic = false;
        else if (code === 24) next.underline = false;
        else if (code === 27) next.inverse = false;
        else if (code >= 30 && code <= 37) next.fg = indexed(code - 30);
        else if (code >= 90 && code <= 97) next.fg = indexed(code - 82);
        else if (code >= 40 && code <= 47) next.bg = indexed(code - 40);
        else if (code >= 100 && code <= 107) next.bg = indexed(code - 92);
        else if (code === 39) next.fg = null;
        else if (code === 49) next.bg = null;
        else if (code === 38 || code === 48) {
            const [colour, took] = extended(codes, i + 1);
            if (code === 38) next.fg = colour;
            else next.bg = colour;
            i += took;
        }
    }
    return next;
}

function luminance(rgb: Rgb): number {
    const [red, green, blue] = rgb.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as Rgb;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: Rgb, other: Rgb): number {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
    return (light + 0.05) / (dark + 0.05);
}

/** The colour, made lighter or darker until it can be read on that ground. */
export function readable(rgb: Rgb, ground: Rgb): Rgb {
    const target = luminance(ground) < 0.18 ? 255 : 0;
    for (let share = 0; share <= 1; share += 0.05) {
        const mixed = rgb.map((value) => Math.round(value + (target - value) * share)) as Rgb;
        if (contrast(mixed, ground) >= ENOUGH) return mixed;
    }
    return [target, target, target];
}

const css = (rgb: Rgb) => `rgb(${rgb.join(" ")})`;

function style(state: State, from: number, to: number): Run | null {
    const [fg, bg] = state.inverse ? [state.bg, state.fg] : [state.fg, state.bg];
    const words: string[] = [];
    const run: Run = { from, to, classes: "" };

    if (state.inverse && !fg && !bg) words.push("inverse");
    if (bg?.kind === "class") words.push(`on-${bg.name}`);
    // On a ground of another's choice only black and white are sure to be read.
    else if (bg) {
        run.ground = css(bg.rgb);
        run.colour = css(fg?.kind === "rgb" ? readable(fg.rgb, bg.rgb) : readable([255, 255, 255], bg.rgb));
    }
    if (fg?.kind === "class" && !bg) words.push(`fg-${fg.name}`);
    else if (fg?.kind === "rgb" && !bg) run.colour = css(readable(fg.rgb, LOG_GROUND));
    for (const word of ["bold", "dim", "italic", "underline"] as const) if (state[word]) words.push(word);
    run.classes = words.join(" ");
    return run.classes || run.colour || run.ground ? run : null;
}

/** What is between two escape sequences: tabs go to their stops, other control characters are nothing. */
function tidy(text: string, column: number): string {
    // eslint-disable-next-line no-control-regex
    if (!/[\x00-\x1f\x7f-\x9f]/.test(text)) return text;
    let out = "";
    for (const sign of text) {
        const code = sign.codePointAt(0)!;
        if (sign === "\t") out += " ".repeat(TAB - ((column + out.length) % TAB));
        else if (code >= 32 && (code < 127 || code > 159)) out += sign;
    }
    return out;
}

export function readAnsi(raw: string): Styled {
    let text = "";
    let state = plain();
    const runs: Run[] = [];
    const add = (piece: string) => {
        const from = text.length;
        text += tidy(piece, from);
        const run = text.length > from ? style(state, from, text.length) : null;
        if (run) runs.push(run);
    };
    let at = 0;
    for (const found of raw.matchAll(ESCAPE)) {
        add(raw.slice(at, found.index));
        at = found.index + found[0].length;
        if (found[2] === "m" && /^[0-9;:]*$/.test(found[1]!)) state = apply(state, found[1]!);
        else if (found[3] !== undefined) state = apply(state, found[3]);
    }
    add(raw.slice(at));
    return { text, runs };
}
