/** A script, in clear. One that is not there takes no room. */
import { useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { CodeEditor } from "~/parts/code/CodeEditor";
import { Icon } from "~/parts/Icon";

type Props = { label: string; hint?: string; issue?: string; value: string; onInput: (value: string | undefined) => void };

export function ScriptField({ label, hint, issue, value, onInput }: Props) {
    const [opened, setOpened] = useState(false);
    const open = opened || value !== "" || issue !== undefined;
    return (
        <div class="field">
            <div class="script-head">
                <span class="label">{label}</span>
                {open ? (
                    <Button
                        look={["quiet", "small"]}
                        aria-label={`Remove the script: ${label}`}
                        onClick={() => {
                            setOpened(false);
                            onInput("");
                        }}
                    >
                        <Icon name="trash" size={15} /> Remove
                    </Button>
                ) : (
                    <Button look={["quiet", "small"]} aria-label={`Write a script: ${label}`} onClick={() => setOpened(true)}>
                        <Icon name="plus" size={15} /> Write a script
                    </Button>
                )}
            </div>
            {open && <CodeEditor label={label} language="shell" value={value} onInput={onInput} invalid={issue !== undefined} autoFocus={opened} />}
            {hint && <span class="hint">{hint}</span>}
            {issue && <span class="issue">{issue}</span>}
        </div>
    );
}
