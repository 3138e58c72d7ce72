/** How wide a line with colours, tabs and other scripts is shown, told from its bytes: for a million of them at once. */
import { TAB } from "./ansi";

const ESC = 0x1b;

/** As readAnsi(text).text.length; -1: only that can tell. */
export function shownWidth(bytes: Uint8Array): number {
    let width = 0;
    for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i]!;
        if (byte === 9) width += TAB - (width % TAB);
        else if (byte === ESC) {
            // ESC [ numbers m; the others are rare.
            if (bytes[i + 1] !== 0x5b) return -1;
            let end = i + 2;
            while (bytes[end]! >= 0x30 && bytes[end]! <= 0x3b) end++;
            if (bytes[end] !== 0x6d) return -1;
            i = end;
        } else if (byte === 0x5e && bytes[i + 1] === 0x5b) return -1;
        else if (byte >= 0x20 && byte < 0x7f) width++;
        else if (byte >= 0x80) {
            const more = sequence(bytes, i);
            if (more < 0) return -1;
            width += more === 3 ? 2 : 1;
            i += more;
        }
    }
    return width;
}

/** How many bytes follow the first of a sign; -1: it is none, or one that is dropped. */
function sequence(bytes: Uint8Array, at: number): number {
    const first = bytes[at]!;
    const more = first >= 0xc3 && first <= 0xdf ? 1 : first >= 0xe1 && first <= 0xec ? 2 : first >= 0xf1 && first <= 0xf3 ? 3 : first === 0xf0 && bytes[at + 1]! >= 0x90 ? 3 : -1;
    for (let i = 1; i <= more; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return -1;
    return more;
}
