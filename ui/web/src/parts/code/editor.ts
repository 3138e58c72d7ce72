/** CodeMirror, put together. Loaded when the first editor is shown. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { closeSearchPanel, highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, StateEffect, StateField, Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";

import { type Language, languageOf } from "./languages";
import { codeTheme } from "./theme";

export type EditorOptions = {
    host: HTMLElement;
    value: string;
    language: Language;
    label: string;
    readOnly: boolean;
    onInput: (value: string) => void;
    onLeave: () => void;
};

export type Shown = { value: string; readOnly: boolean; invalid: boolean; errorLine: number | undefined; label: string };

export type Editor = { show: (shown: Shown) => void; focus: () => void; close: () => void };

const setWrongLine = StateEffect.define<number | undefined>();

const wrongLine = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(marks, change) {
        let now = marks.map(change.changes);
        for (const effect of change.effects)
            if (effect.is(setWrongLine)) {
                const line = effect.value;
                const inside = line !== undefined && line >= 1 && line <= change.state.doc.lines;
                now = inside ? Decoration.set([Decoration.line({ class: "cm-wrong" }).range(change.state.doc.line(line).from)]) : Decoration.none;
            }
        return now;
    },
    provide: (field) => EditorView.decorations.from(field),
});

/** One shadow root to a host, for its whole life. */
export function shadowOf(host: HTMLElement): ShadowRoot {
    return host.shadowRoot ?? host.attachShadow({ mode: "open", delegatesFocus: true });
}

export function openEditor({ host, value, language, label, readOnly, onInput, onLeave }: EditorOptions): Editor {
    const root = shadowOf(host);
    const access = new Compartment();
    const words = new Compartment();
    const accessOf = (closed: boolean) => [EditorState.readOnly.of(closed), EditorView.editable.of(true)];
    const wordsOf = (said: string, invalid: boolean) =>
        EditorView.contentAttributes.of({ "aria-label": `${said}. Escape leaves the editor.`, ...(invalid ? { "aria-invalid": "true" } : {}), spellcheck: "false", autocapitalize: "off", tabindex: "0" });

    // What was told and may come back late, when more is written already: it is no news.
    let told: string[] = [];

    const view = new EditorView({
        root,
        parent: root,
        state: EditorState.create({
            doc: value,
            extensions: [
                lineNumbers(),
                highlightActiveLineGutter(),
                highlightActiveLine(),
                history(),
                drawSelection(),
                indentOnInput(),
                indentUnit.of("    "),
                EditorState.tabSize.of(4),
                bracketMatching({ maxScanDistance: 100_000 }),
                highlightSelectionMatches(),
                languageOf(language),
                codeTheme,
                wrongLine,
                access.of(accessOf(readOnly)),
                words.of(wordsOf(label, false)),
                keymap.of([
                    {
                        key: "Escape",
                        run: (at) => {
                            if (closeSearchPanel(at)) return true;
                            onLeave();
                            return true;
                        },
                    },
                    ...searchKeymap,
                    ...historyKeymap,
                    ...defaultKeymap,
                    indentWithTab,
                ]),
                EditorView.updateListener.of((update) => {
                    // What was put in from outside is known there.
                    if (!update.docChanged || update.transactions.every((one) => one.annotation(Transaction.remote))) return;
                    told.push(update.state.doc.toString());
                    onInput(told.at(-1)!);
                }),
            ],
        }),
    });

    const put = (now: string) => {
        const known = told.lastIndexOf(now);
        told = known < 0 ? [] : told.slice(known + 1);
        if (known < 0 && now !== view.state.doc.toString())
            view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now }, annotations: [Transaction.remote.of(true)] });
    };

    const mark = (line: number | undefined) => {
        view.dispatch({ effects: setWrongLine.of(line) });
        // Gone to, unless somebody is writing just now.
        if (line !== undefined && line <= view.state.doc.lines && !view.hasFocus) view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(line).from, { y: "center" }) });
    };

    let last: Shown = { value, readOnly, invalid: false, errorLine: undefined, label };
    return {
        show: (shown) => {
            if (shown.value !== last.value) put(shown.value);
            if (shown.readOnly !== last.readOnly) view.dispatch({ effects: access.reconfigure(accessOf(shown.readOnly)) });
            if (shown.label !== last.label || shown.invalid !== last.invalid) view.dispatch({ effects: words.reconfigure(wordsOf(shown.label, shown.invalid)) });
            if (shown.errorLine !== last.errorLine) mark(shown.errorLine);
            last = shown;
        },
        focus: () => view.focus(),
        close: () => view.destroy(),
    };
}
