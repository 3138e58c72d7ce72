/** A text input that offers what can be chosen. Anything else may be written all the same. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Choice } from "./choices";

type Props = {
    attributes: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined };
    value: string;
    onInput: (value: string) => void;
    choices: Choice[];
    loading?: boolean;
    placeholder?: string;
    required?: boolean;
    onFocus?: () => void;
    onBlur?: () => void;
};

const SHOWN = 60;

export function fitting(choices: Choice[], typed: string): Choice[] {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = choices.filter(({ value, label }) => words.every((word) => `${value} ${label ?? ""}`.toLowerCase().includes(word)));
    // What begins so comes first.
    const first = fits.filter(({ value }) => value.toLowerCase().startsWith(typed.toLowerCase()));
    return [...first, ...fits.filter((one) => !first.includes(one))];
}

export function Combobox({ attributes, value, onInput, choices, loading, placeholder, required, onFocus, onBlur }: Props) {
    const [open, setOpen] = useState(false);
    const [active, setActive] = useState(-1);
    // Until something is typed all are offered, not only what is chosen already.
    const [typed, setTyped] = useState(false);
    const list = useRef<HTMLUListElement>(null);
    const shown = (typed ? fitting(choices, value) : choices).slice(0, SHOWN);
    const listId = `${attributes.id}-choices`;

    const visible = open && shown.length > 0;
    useEffect(() => {
        // Not hidden behind what sticks to the window's edge.
        if (visible) list.current?.scrollIntoView({ block: "nearest" });
    }, [visible]);
    useEffect(() => {
        list.current?.children[active]?.scrollIntoView({ block: "nearest" });
    }, [active]);

    const close = () => {
        setOpen(false);
        setActive(-1);
        setTyped(false);
    };
    const choose = (choice: Choice) => {
        onInput(choice.value);
        close();
    };
    const move = (by: number) => {
        if (!open) setOpen(true);
        else if (shown.length) setActive((active + by + shown.length + (active < 0 && by < 0 ? 1 : 0)) % shown.length);
    };
    const press = (event: KeyboardEvent) => {
        if (event.key === "ArrowDown") move(1);
        else if (event.key === "ArrowUp") move(-1);
        else if (event.key === "Enter" && open && shown[active]) choose(shown[active]);
        else if (event.key === "Escape" && open) close();
        else return;
        event.preventDefault();
        event.stopPropagation();
    };

    return (
        <div class="combo">
            <input
                {...attributes}
                class="input"
                role="combobox"
                aria-autocomplete="list"
                aria-expanded={visible}
                aria-controls={visible ? listId : undefined}
                aria-activedescendant={visible && active >= 0 ? `${listId}-${active}` : undefined}
                aria-busy={loading}
                autocomplete="off"
                spellcheck={false}
                value={value}
                placeholder={placeholder}
                required={required}
                onFocus={onFocus}
                onClick={() => setOpen(true)}
                onBlur={() => {
                    close();
                    onBlur?.();
                }}
                onKeyDown={press}
                onInput={(event) => {
                    onInput(event.currentTarget.value);
                    setTyped(true);
                    setOpen(true);
                    setActive(-1);
                }}
            />
            {visible && (
                <ul class="combo-list" role="listbox" id={listId} aria-label="Choices" ref={list}>
                    {shown.map((choice, i) => (
                        <li
                            key={choice.value}
                            id={`${listId}-${i}`}
                            role="option"
                            aria-selected={choice.value === value}
                            class={i === active ? "active" : undefined}
                            // The focus stays in the input.
                            onMouseDown={(event) => event.preventDefault()}
                            onClick={() => choose(choice)}
                        >
                            <span>{choice.value}</span>
                            {choice.label && <span class="dim small">{choice.label}</span>}
                        </li>
                    ))}
                </ul>
            )}
        </div>
    );
}
