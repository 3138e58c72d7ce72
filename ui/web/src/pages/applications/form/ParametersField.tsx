/** Names and values of any depth, written as YAML or JSON and checked while one writes. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { CodeEditor } from "~/parts/code/CodeEditor";
import { Icon } from "~/parts/Icon";
import { Loading, Notice } from "~/parts/Notice";

import { type Json, sameJson } from "./document";
import type { Notation, Remark } from "./parameters";

type Tools = typeof import("./parameters");
type Props = { label: string; hint?: string; warning?: string; issue?: string; value: Json | undefined; onInput: (value: Json | undefined) => void };

const NOTATIONS: [Notation, string][] = [
    ["yaml", "YAML"],
    ["json", "JSON"],
];

const sentence = ({ line, text }: Remark) => (line === undefined ? text : `Line ${line}: ${text}`);

export function ParametersField(props: Props) {
    const { label, value, onInput } = props;
    const [tools, setTools] = useState<Tools>();
    const [failed, setFailed] = useState(false);
    const [opened, setOpened] = useState(false);
    // One that was emptied stays to be written in.
    const [begun, setBegun] = useState(value !== undefined);
    if (value !== undefined && !begun) setBegun(true);
    const open = opened || begun;
    useEffect(() => {
        if (open && !tools)
            import("./parameters").then(
                (module) => setTools(() => module),
                () => setFailed(true),
            );
    }, [open]);

    if (!open)
        return (
            <div class="field">
                <div class="script-head">
                    <span class="label">{label}</span>
                    <Button look={["quiet", "small"]} onClick={() => setOpened(true)}>
                        <Icon name="plus" size={15} /> Give {label.toLowerCase()}
                    </Button>
                </div>
                {props.hint && <span class="hint">{props.hint}</span>}
                {props.issue && <span class="issue">{props.issue}</span>}
            </div>
        );
    if (failed) return <Notice tone="bad">The editor could not be loaded. Is the controller running?</Notice>;
    if (!tools) return <Loading what="the editor" />;
    return (
        <Written
            {...props}
            tools={tools}
            autoFocus={opened}
            onRemove={() => {
                setOpened(false);
                setBegun(false);
                onInput(undefined);
            }}
        />
    );
}

function Written({ tools, label, hint, warning, issue, value, onInput, autoFocus, onRemove }: Props & { tools: Tools; autoFocus: boolean; onRemove: () => void }) {
    const [notation, setNotation] = useState<Notation>("yaml");
    const [text, setText] = useState(() => tools.writeParameters(value, notation));
    // What was told from here, and may come back late, when more is written already: that is no news.
    const told = useRef<(Json | undefined)[]>([value]);
    useEffect(() => {
        const known = told.current.findLastIndex((one) => sameJson(one, value));
        told.current = known < 0 ? [value] : told.current.slice(known);
        // Changed from outside: another row stands here now, say.
        if (known < 0) setText(tools.writeParameters(value, notation));
    }, [value]);
    const read = useMemo(() => tools.readParameters(text, notation), [text, notation]);
    const problem = "problem" in read ? read.problem : undefined;
    const remarks = "remarks" in read ? read.remarks : [];

    const write = (now: string) => {
        setText(now);
        const parsed = tools.readParameters(now, notation);
        // What cannot be read goes as it is written, for the server to refuse: it is not left out in silence.
        const given = "problem" in parsed ? now : parsed.value;
        told.current.push(given);
        onInput(given);
    };
    const turn = (to: Notation) => {
        if (to === notation || !("value" in read)) return;
        setText(tools.writeParameters(read.value, to));
        setNotation(to);
    };
    return (
        <div class="field">
            <div class="script-head">
                <span class="label">{label}</span>
                <span class="notations" role="group" aria-label={`Notation of ${label.toLowerCase()}`}>
                    {NOTATIONS.map(([name, words]) => (
                        <Button key={name} look={["quiet", "small"]} aria-pressed={name === notation} disabled={problem !== undefined && name !== notation} onClick={() => turn(name)}>
                            {words}
                        </Button>
                    ))}
                    <Button look={["quiet", "small"]} aria-label={`Remove the ${label.toLowerCase()}`} onClick={onRemove}>
                        <Icon name="trash" size={15} /> Remove
                    </Button>
                </span>
            </div>
            <CodeEditor key={notation} label={label} language={notation} value={text} invalid={problem !== undefined || issue !== undefined} errorLine={problem?.line} autoFocus={autoFocus} onInput={write} />
            {hint && <span class="hint">{hint}</span>}
            {warning && <span class="remark warning small">{warning}</span>}
            {remarks.map((remark) => (
                <span class="remark warning small" key={sentence(remark)}>
                    {sentence(remark)}
                </span>
            ))}
            {(problem || issue) && <span class="issue">{problem ? sentence(problem) : issue}</span>}
        </div>
    );
}
