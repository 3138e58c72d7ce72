import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

type FieldProps = {
    label: ComponentChildren;
    hint?: ComponentChildren;
    /** What is wrong with it, as the server says. */
    issue?: string;
    required?: boolean;
    children: (attributes: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ComponentChildren;
};

/** A labelled input with its hint and what is wrong with it. */
export function Field({ label, hint, issue, required, children }: FieldProps) {
    const id = useId();
    const described = [hint && `${id}-hint`, issue && `${id}-issue`].filter(Boolean).join(" ") || undefined;
    return (
        <div class="field">
            <label for={id}>
                {label}
                {required && <span aria-hidden="true"> *</span>}
            </label>
            {children({ id, "aria-invalid": !!issue, "aria-describedby": described })}
            {hint && (
                <span class="hint" id={`${id}-hint`}>
                    {hint}
                </span>
            )}
            {issue && (
                <span class="issue" id={`${id}-issue`}>
                    {issue}
                </span>
            )}
        </div>
    );
}

type TextProps = Omit<FieldProps, "children"> & {
    value: string;
    onInput: (value: string) => void;
    type?: "text" | "password" | "number" | "email" | "url" | "search";
    placeholder?: string;
    autocomplete?: string;
    readOnly?: boolean;
    /** Offered while one writes; anything else may be written all the same. */
    suggestions?: { value: string; label?: string }[];
    min?: number;
    max?: number;
    autoFocus?: boolean;
};

export function TextField({ value, onInput, type = "text", suggestions, readOnly, placeholder, autocomplete = "off", min, max, autoFocus, ...field }: TextProps) {
    return (
        <Field {...field}>
            {(attributes) => (
                <>
                    <input
                        {...attributes}
                        class="input"
                        type={type}
                        value={value}
                        min={min}
                        max={max}
                        autoFocus={autoFocus}
                        readOnly={readOnly}
                        required={field.required}
                        placeholder={placeholder}
                        autocomplete={autocomplete}
                        list={suggestions ? `${attributes.id}-list` : undefined}
                        onInput={(event) => onInput(event.currentTarget.value)}
                    />
                    {suggestions && (
                        <datalist id={`${attributes.id}-list`}>
                            {suggestions.map((one) => (
                                <option value={one.value} key={one.value}>
                                    {one.label ?? one.value}
                                </option>
                            ))}
                        </datalist>
                    )}
                </>
            )}
        </Field>
    );
}

export type Choice = { value: string; label: string; disabled?: boolean };

export function SelectField({ value, onInput, choices, disabled, ...field }: Omit<FieldProps, "children"> & { value: string; onInput: (value: string) => void; choices: Choice[]; disabled?: boolean }) {
    return (
        <Field {...field}>
            {(attributes) => (
                <select {...attributes} class="input" value={value} disabled={disabled} onChange={(event) => onInput(event.currentTarget.value)}>
                    {choices.map((choice) => (
                        <option value={choice.value} disabled={choice.disabled} key={choice.value}>
                            {choice.label}
                        </option>
                    ))}
                </select>
            )}
        </Field>
    );
}

export function CheckField({ label, checked, onInput, hint, issue, disabled }: { label: ComponentChildren; checked: boolean; onInput: (checked: boolean) => void; hint?: ComponentChildren; issue?: string; disabled?: boolean }) {
    const id = useId();
    return (
        <div class="field">
            <div class="check">
                <input id={id} type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onInput(event.currentTarget.checked)} aria-describedby={hint ? `${id}-hint` : undefined} />
                <label for={id}>{label}</label>
            </div>
            {hint && (
                <span class="hint" id={`${id}-hint`}>
                    {hint}
                </span>
            )}
            {issue && <span class="issue">{issue}</span>}
        </div>
    );
}
