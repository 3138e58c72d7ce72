import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { SelectField, TextField } from "~/parts/Field";
import { COMMANDS } from "~/pages/run/commands";

import { type Filters, FILTERS, STATUS_WORDS, STATUSES } from "./job";

const WAIT_MS = 300;
const WORDS: [keyof Filters, string][] = [
    ["name", "Application"],
    ["env", "Environment"],
    ["role", "Role"],
    ["user", "User"],
];

export function JobFilters({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
    const [typed, setTyped] = useState(filters);
    const timer = useRef<ReturnType<typeof setTimeout>>();
    useEffect(() => setTyped(filters), [JSON.stringify(filters)]);
    useEffect(() => () => clearTimeout(timer.current), []);

    const set = (part: Partial<Filters>, ms: number) => {
        const next = { ...typed, ...part };
        setTyped(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(next), ms);
    };
    const any = FILTERS.some((name) => typed[name]);
    return (
        <div class="filters" role="search" aria-label="Jobs">
            <SelectField
                label="Status"
                value={typed.status}
                onInput={(status) => set({ status }, 0)}
                choices={[{ value: "", label: "All" }, ...STATUSES.map((status) => ({ value: status, label: STATUS_WORDS[status] ?? status }))]}
            />
            <SelectField
                label="Command"
                value={typed.command}
                onInput={(command) => set({ command }, 0)}
                choices={[{ value: "", label: "All" }, ...COMMANDS.map(({ name, title }) => ({ value: name, label: title }))]}
            />
            {WORDS.map(([name, label]) => (
                <TextField key={name} label={label} type="search" value={typed[name]} onInput={(words) => set({ [name]: words }, WAIT_MS)} />
            ))}
            {any && (
                <Button look="quiet" onClick={() => onChange({ status: "", command: "", name: "", env: "", role: "", user: "" })}>
                    Show all
                </Button>
            )}
        </div>
    );
}
