/** Scripts and JSON, with colours and line numbers; a plain text area until the editor is there. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Editor } from "./editor";
import type { Language } from "./languages";

export type CodeEditorProps = {
    value: string;
    onInput?: (value: string) => void;
    language?: Language;
    /** What it is, for screen readers; a visible label stands beside it. */
    label: string;
    readOnly?: boolean;
    invalid?: boolean;
    /** A line where something is wrong, from 1. */
    errorLine?: number;
    /** As high as a page of text. */
    tall?: boolean;
    autoFocus?: boolean;
};

/**
 * The editor lives in a shadow root: there its styles are constructed sheets, which the Content-Security-Policy
 * allows. Escape leaves it to what comes after, since Tab indents.
 */
export function CodeEditor(props: CodeEditorProps) {
    const host = useRef<HTMLDivElement>(null);
    const after = useRef<HTMLSpanElement>(null);
    const editor = useRef<Editor>();
    const [ready, setReady] = useState(false);
    const now = useRef(props);
    now.current = props;

    useEffect(() => {
        let gone = false;
        void import("./editor").then(
            ({ openEditor }) => {
                if (gone || !host.current) return;
                editor.current = openEditor({
                    host: host.current,
                    value: now.current.value,
                    language: now.current.language ?? "shell",
                    label: now.current.label,
                    readOnly: !!now.current.readOnly,
                    onInput: (value) => now.current.onInput?.(value),
                    onLeave: () => after.current?.focus(),
                });
                setReady(true);
            },
            // The text area stays, and does.
            () => {},
        );
        return () => {
            gone = true;
            editor.current?.close();
            editor.current = undefined;
        };
    }, []);

    useEffect(() => {
        editor.current?.show({ value: props.value, readOnly: !!props.readOnly, invalid: !!props.invalid, errorLine: props.errorLine, label: props.label });
    }, [ready, props.value, props.readOnly, props.invalid, props.errorLine, props.label]);

    useEffect(() => {
        if (ready && props.autoFocus) editor.current?.focus();
    }, [ready]);

    const { value, onInput, label, readOnly, invalid, tall } = props;
    return (
        <div class={["code", tall && "tall", invalid && "invalid"].filter(Boolean).join(" ")}>
            {!ready && (
                <textarea
                    class="input"
                    aria-label={label}
                    aria-invalid={!!invalid}
                    readOnly={readOnly}
                    rows={tall ? 24 : Math.min(16, Math.max(4, value.split("\n").length))}
                    spellcheck={false}
                    value={value}
                    onInput={(event) => onInput?.(event.currentTarget.value)}
                />
            )}
            <div ref={host} class="code-host" hidden={!ready} data-focus="code" />
            <span ref={after} tabIndex={-1} class="hidden-text">
                After {label}
            </span>
        </div>
    );
}
