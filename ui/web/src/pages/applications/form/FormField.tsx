/** Shows one field as its table says. */
import { CheckField, Field, SelectField } from "~/parts/Field";

import { useForm } from "./context";
import { getAt, type Json } from "./document";
import { FieldList } from "./FieldList";
import { issueAt } from "./issues";
import { ScriptField } from "./ScriptField";
import type { CheckSpec, FieldSpec, GroupSpec, NumberSpec, Place, SelectSpec, SeveralSpec } from "./spec";
import { Remarks, TextInput, textOf } from "./TextInput";

type Shown = { path: string; value: Json | undefined; set: (value: Json | undefined) => void; issue: string | undefined; place: Place };

function NumberInput({ spec, value, set, issue, place }: Shown & { spec: NumberSpec }) {
    const text = textOf(value);
    const warning = spec.warn?.(text, place);
    return (
        <Field label={spec.label} required={spec.required} issue={issue} hint={spec.hint || warning ? <Remarks hint={spec.hint} warning={warning} /> : undefined}>
            {(attributes) => (
                <input
                    {...attributes}
                    class="input"
                    inputMode="numeric"
                    value={text}
                    required={spec.required}
                    placeholder={spec.placeholder}
                    autocomplete="off"
                    // What is no number is kept as it is written, for the server to say so.
                    onInput={(event) => {
                        const now = event.currentTarget.value.trim();
                        set(now === "" ? undefined : /^-?\d{1,15}$/.test(now) ? Number(now) : now);
                    }}
                />
            )}
        </Field>
    );
}

function Select({ spec, value, set, issue }: Shown & { spec: SelectSpec }) {
    const text = textOf(value);
    // One that the table does not know is shown, not lost.
    const choices = spec.choices.some((choice) => choice.value === text) || text === "" ? spec.choices : [...spec.choices, { value: text, label: text }];
    const unsaid = text === "" && !choices.some((choice) => choice.value === "") ? [{ value: "", label: "Choose…" }] : [];
    return <SelectField label={spec.label} required={spec.required} hint={spec.hint} issue={issue} value={text} choices={[...unsaid, ...choices]} onInput={(now) => set(now === "" ? undefined : now)} />;
}

function Check({ spec, value, set, issue, place }: Shown & { spec: CheckSpec }) {
    const checked = typeof value === "boolean" ? value : (spec.fallback ?? false);
    const warning = spec.warn?.(String(checked), place);
    const hint = spec.hint || warning ? <Remarks hint={warning ? undefined : spec.hint} warning={warning} /> : undefined;
    return <CheckField label={spec.label} hint={hint} issue={issue} checked={checked} onInput={set} />;
}

function Several({ spec, value, set, issue }: Shown & { spec: SeveralSpec }) {
    const chosen = Array.isArray(value) ? value.map(String) : [];
    return (
        <fieldset class="field several">
            <legend>{spec.label}</legend>
            <div class="buttons">
                {spec.choices.map((choice) => (
                    <label class="check" key={choice.value}>
                        <input
                            type="checkbox"
                            checked={chosen.includes(choice.value)}
                            onChange={(event) => set(event.currentTarget.checked ? [...chosen, choice.value] : chosen.filter((one) => one !== choice.value))}
                        />
                        {choice.label}
                    </label>
                ))}
            </div>
            {spec.hint && <span class="hint">{spec.hint}</span>}
            {issue && <span class="issue">{issue}</span>}
        </fieldset>
    );
}

function Group({ spec, scope }: { spec: GroupSpec; scope: string }) {
    return (
        <fieldset class="group">
            <legend>{spec.label}</legend>
            {spec.hint && <p class="dim small">{spec.hint}</p>}
            <FieldRow fields={spec.fields} scope={scope} />
        </fieldset>
    );
}

/** Fields side by side where there is room. */
export function FieldRow({ fields, scope }: { fields: FieldSpec[]; scope: string }) {
    return (
        <div class="fields">
            {fields.map((spec) => (
                <FormField spec={spec} scope={scope} key={`${spec.kind} ${spec.path} ${spec.label}`} />
            ))}
        </div>
    );
}

const WIDE = new Set(["list", "script", "group"]);

export function FormField({ spec, scope }: { spec: FieldSpec; scope: string }) {
    const { draft, base, set, issues, isNew } = useForm();
    const place: Place = { draft, base, scope, isNew };
    if (spec.when && !spec.when(place)) return null;
    const path = scope && spec.path ? `${scope}.${spec.path}` : scope || spec.path;
    const wide = WIDE.has(spec.kind) || (spec.kind === "own" && !spec.narrow) || ("wide" in spec && spec.wide);
    return (
        <div class={wide ? "cell wide" : "broad" in spec && spec.broad ? "cell broad" : "cell"} data-path={spec.kind === "group" || !spec.path ? undefined : path}>
            {show()}
        </div>
    );

    function show() {
        if (spec.kind === "group") return <Group spec={spec} scope={scope} />;
        if (spec.kind === "own") return <spec.show place={place} set={(member, value) => set(scope && member ? `${scope}.${member}` : scope || member, value)} />;
        const value = getAt(draft, path);
        const shown: Shown = { path, value, set: (now) => set(path, now), issue: issueAt(issues, path), place };
        switch (spec.kind) {
            case "text":
                return <TextInput spec={spec} path={path} value={value} place={place} onInput={shown.set} />;
            case "long":
                return (
                    <Field label={spec.label} hint={spec.hint} issue={shown.issue} required={spec.required}>
                        {(attributes) => (
                            <textarea {...attributes} class="input prose" rows={2} placeholder={spec.placeholder} value={textOf(value)} onInput={(event) => shown.set(event.currentTarget.value)} />
                        )}
                    </Field>
                );
            case "number":
                return <NumberInput {...shown} spec={spec} />;
            case "select":
                return <Select {...shown} spec={spec} />;
            case "check":
                return <Check {...shown} spec={spec} />;
            case "several":
                return <Several {...shown} spec={spec} />;
            case "script":
                return <ScriptField label={spec.label} hint={spec.hint} issue={shown.issue} value={textOf(value)} onInput={shown.set} />;
            case "list":
                return <FieldList spec={spec} path={path} />;
        }
    }
}
