import { fromBase64 } from "./base64";

/** A script of an application, folded; as text, never run or drawn as anything else. */
export function Script({ name, value }: { name: string; value: string | undefined | null }) {
    const text = fromBase64(value);
    if (!text.trim()) return null;
    const lines = text.trimEnd().split("\n").length;
    return (
        <details class="script">
            <summary>
                <code>{name}</code> <span class="dim small">{lines === 1 ? "1 line" : `${lines} lines`}</span>
            </summary>
            <pre tabIndex={0}>{text}</pre>
        </details>
    );
}
