/** Colours of the pages, so that light and dark follow by themselves: custom properties reach into a shadow root. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const view = EditorView.theme({
    "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px" },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
    ".cm-content": { caretColor: "var(--text)", padding: "6px 0" },
    ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
    ".cm-gutters": { color: "var(--text-2)", backgroundColor: "var(--surface-2)", border: "0" },
    ".cm-activeLine": { backgroundColor: "transparent" },
    "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--surface-2) 60%, transparent)" },
    ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
    "& .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 26%, transparent)" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
    "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-soft)" },
    ".cm-selectionMatch": { backgroundColor: "var(--busy-soft)" },
    ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn)" },
    ".cm-searchMatch-selected": { backgroundColor: "var(--accent-soft)" },
    ".cm-panels": { color: "var(--text)", backgroundColor: "var(--surface-2)" },
    ".cm-panels input, .cm-panels button": { font: "13px var(--font)", color: "var(--text)", backgroundImage: "none", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
    ".cm-panels label": { font: "12.5px var(--font)" },
    ".cm-wrong": { backgroundColor: "var(--bad-soft)", boxShadow: "inset 3px 0 var(--bad)" },
    ".cm-foldPlaceholder": { color: "var(--text-2)", backgroundColor: "var(--surface-2)", border: "0" },
});

const colours = HighlightStyle.define([
    { tag: [tags.comment, tags.meta], color: "var(--text-2)", fontStyle: "italic" },
    { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--accent)", fontWeight: "600" },
    { tag: [tags.string, tags.special(tags.string), tags.quote], color: "var(--good)" },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--busy)" },
    { tag: [tags.propertyName, tags.attributeName, tags.definition(tags.variableName)], color: "var(--accent)" },
    { tag: [tags.standard(tags.variableName), tags.standard(tags.name)], color: "var(--busy)" },
    { tag: tags.invalid, color: "var(--bad)" },
]);

export const codeTheme: Extension = [view, syntaxHighlighting(colours)];
