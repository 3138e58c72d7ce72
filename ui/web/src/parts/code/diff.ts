/** CodeMirror's view of two texts. */
import { MergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";

import { shadowOf } from "./editor";
import { type Language, languageOf } from "./languages";
import { codeTheme } from "./theme";

const marks = EditorView.theme({
    "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--bad-soft)" },
    "&.cm-merge-b .cm-changedLine": { backgroundColor: "var(--good-soft)" },
    "&.cm-merge-a .cm-changedText": { background: "color-mix(in srgb, var(--bad) 28%, transparent)" },
    "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--good) 28%, transparent)" },
    ".cm-collapsedLines": { color: "var(--text-2)", background: "var(--surface-2)" },
});

/** Returns what closes it. */
export function openDiff(host: HTMLElement, { label, before, after, language }: { label: string; before: string; after: string; language: Language }): () => void {
    const root = shadowOf(host);
    const side = (doc: string, name: string): { doc: string; extensions: Extension } => ({
        doc,
        extensions: [
            lineNumbers(),
            EditorView.lineWrapping,
            EditorState.readOnly.of(true),
            EditorView.editable.of(false),
            EditorView.contentAttributes.of({ "aria-label": `${label}, ${name}`, tabindex: "0" }),
            languageOf(language),
            codeTheme,
            marks,
        ],
    });
    const view = new MergeView({ a: side(before, "stored"), b: side(after, "mine"), root, parent: root, gutter: true, collapseUnchanged: { margin: 3, minSize: 6 } });
    return () => view.destroy();
}
