/** A value that may be anything: written as JSON, taken over while it is whole. */
import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { CodeEditor } from "~/parts/code/CodeEditor";
import { Icon } from "~/parts/Icon";

import { isObject, type Json, sameJson } from "./document";

type Props = { label: string; hint?: string; issue?: string; value: Json | undefined; onInput: (value: Json | undefined) => void };

export function readObject(text: string): { value: Json | undefined } | { problem: string } {
    if (text.trim() === "") return { value: undefined };
    try {
        const value = JSON.parse(text) as Json;
        return isObject(value) ? { value } : { problem: 'Write an object: {"name": "value"}' };
    } catch (error) {
        return { problem: (error as Error).message };
    }
}

export function JsonField({ label, hint, issue, value, onInput }: Props) {
    const written = value === undefined ? "" : JSON.stringify(value, null, 4);
    const [text, setText] = useState(written);
    const [opened, setOpened] = useState(false);
    const known = useRef(value);
    useEffect(() => {
        // Changed from outside: another row stands here now, say.
        if (!sameJson(known.current, value)) setText(written);
        known.current = value;
    }, [value]);
    const read = readObject(text);
    const problem = "problem" in read ? read.problem : issue;
    return (
        <div class="field">
            <div class="script-head">
                <span class="label">{label}</span>
                {!opened && text === "" && (
                    <Button look={["quiet", "small"]} onClick={() => setOpened(true)}>
                        <Icon name="plus" size={15} /> Give {label.toLowerCase()}
                    </Button>
                )}
            </div>
            {(opened || text !== "") && (
                <CodeEditor
                    label={label}
                    language="json"
                    value={text}
                    invalid={problem !== undefined}
                    autoFocus={opened}
                    onInput={(now) => {
                        setText(now);
                        const parsed = readObject(now);
                        if ("value" in parsed) {
                            known.current = parsed.value;
                            onInput(parsed.value);
                        }
                    }}
                />
            )}
            {hint && <span class="hint">{hint}</span>}
            {problem && <span class="issue">{problem}</span>}
        </div>
    );
}
