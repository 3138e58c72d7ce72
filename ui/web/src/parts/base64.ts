/** Scripts travel as base64 of UTF-8. */
export function fromBase64(text: string | undefined | null): string {
    if (!text) return "";
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
    } catch {
        return text;
    }
}

export function toBase64(text: string): string {
    if (!text) return "";
    let bytes = "";
    for (const one of new TextEncoder().encode(text.replace(/\r\n?/g, "\n"))) bytes += String.fromCharCode(one);
    return btoa(bytes);
}
