/** Rows are written with nothing but text nodes and spans of classes: all text goes in as text. */
import { stampTime } from "./line_store";
import type { RowText } from "./row_text";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

export function make<Name extends keyof HTMLElementTagNameMap>(name: Name, classes: string): HTMLElementTagNameMap[Name] {
    const element = document.createElement(name);
    element.className = classes;
    return element;
}

/** A link to a line, which is marked when it is pressed. */
export function makeNumber(onLine: () => void): HTMLAnchorElement {
    const number = make("a", "log-number");
    // By keyboard one goes to lines by search and address; a hundred links on the way would be in it.
    number.tabIndex = -1;
    number.addEventListener("click", (event) => {
        event.preventDefault();
        onLine();
    });
    return number;
}

/** The text node that is there says another one: no element is laid out anew for it. */
export function setText(element: HTMLElement, text: string): void {
    const node = element.firstChild;
    if (!(node instanceof Text) || node.nextSibling) element.textContent = text;
    else if (node.data !== text) node.data = text;
}

export function writeNumber(number: HTMLAnchorElement, line: number, part: number): void {
    setText(number, part === 0 ? String(line + 1) : "");
    // A link without words leads nobody anywhere.
    if (part === 0) number.href = `#L${line + 1}`;
    else number.removeAttribute("href");
}

/** stamp "": there is none. raw: as the log has it. */
export function writeTime(element: HTMLElement, stamp: string, raw: boolean): void {
    const date = stamp ? stampTime(stamp) : null;
    setText(element, raw || !date ? stamp : clock.format(date));
    const title = date ? calendar.format(date) : "";
    if (element.title !== title) element.title = title;
}

export function writeText(element: HTMLElement, { pieces, left }: RowText): void {
    const [only] = pieces;
    if (pieces.length === 1 && left === 0 && !only!.classes && !only!.colour && !only!.ground) {
        // Most lines are nothing but text.
        setText(element, only!.text);
        return;
    }
    element.replaceChildren(
        ...pieces.map((piece) => {
            if (!piece.classes && !piece.colour && !piece.ground) return document.createTextNode(piece.text);
            const span = make("span", piece.classes);
            span.textContent = piece.text;
            if (piece.colour) span.style.color = piece.colour;
            if (piece.ground) span.style.backgroundColor = piece.ground;
            return span;
        }),
    );
    if (left > 0) element.append(` … ${left} more characters: wrap the lines to read them`);
}
