/** One line, with what there is to choose from below it. */
import { useState } from "preact/hooks";

import { Field } from "~/parts/Field";

import { type Choice, unknownTo, useChoices } from "./choices";
import { Combobox } from "./Combobox";
import { useForm } from "./context";
import { type Json } from "./document";
import { issueAt } from "./issues";
import type { Place, TextSpec } from "./spec";

export function textOf(value: Json | undefined): string {
    if (value === undefined || value === null) return "";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Without what only AWS's support can use. */
export function shortReason(message: string): string {
    return message.replace(/^after \d+ attempts: /, "").replace(/ \(request [^)]*\)$/, "");
}

/** What stands under a field: what it is, what is warned of, what AWS says. */
export function Remarks({ hint, warning, aws }: { hint?: string; warning?: string; aws?: string }) {
    if (!hint && !warning && !aws) return null;
    return (
        <>
            {hint && <span class="remark">{hint}</span>}
            {warning && <span class="remark warning">{warning}</span>}
            {aws && (
                <span class="remark clipped" title={aws}>
                    Nothing to choose from. {aws}
                </span>
            )}
        </>
    );
}

type Props = { spec: Omit<TextSpec, "path">; path: string; value: Json | undefined; place: Place; number?: string; onInput: (value: string) => void };

export function TextInput({ spec, path, value, place, number, onInput }: Props) {
    const { draft, issues } = useForm();
    const [wanted, setWanted] = useState(value !== undefined && value !== "");
    const [writing, setWriting] = useState(false);
    const { choices, message, loading } = useChoices(spec.from, draft, wanted);
    const text = textOf(value);
    const offered: Choice[] = spec.from ? choices : (spec.suggest ?? []).map((one) => (typeof one === "string" ? { value: one } : one));
    const about = offered.find((one) => one.value === text)?.label || spec.hint;
    // Not while it is still being typed.
    const warning = spec.warn?.(text, place) ?? (writing ? undefined : unknownTo(spec.from, choices, text));
    const hint = about || warning || message ? <Remarks hint={about} warning={warning} aws={message && shortReason(message)} /> : undefined;
    const label = number ? `${spec.label} ${number}` : spec.label;
    const readOnly = spec.fixed && !place.isNew;

    return (
        <Field label={label} required={spec.required} hint={readOnly ? "Cannot be changed" : hint} issue={issueAt(issues, path)}>
            {(attributes) =>
                (spec.from || spec.suggest) && !readOnly ? (
                    <Combobox
                        attributes={attributes}
                        value={text}
                        onInput={onInput}
                        choices={offered}
                        loading={loading}
                        placeholder={spec.placeholder}
                        required={spec.required}
                        onFocus={() => {
                            setWanted(true);
                            setWriting(true);
                        }}
                        onBlur={() => setWriting(false)}
                    />
                ) : (
                    <input
                        {...attributes}
                        class="input"
                        type={spec.type ?? "text"}
                        value={text}
                        readOnly={readOnly}
                        required={spec.required}
                        placeholder={spec.placeholder}
                        autocomplete="off"
                        spellcheck={false}
                        onInput={(event) => onInput(event.currentTarget.value)}
                    />
                )
            }
        </Field>
    );
}
