import { useState } from "preact/hooks";

import { Button } from "./Button";
import { Icon } from "./Icon";

/** A text that is made to be taken elsewhere. */
export function CopyText({ text, what }: { text: string; what: string }) {
    const [said, setSaid] = useState("");
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
            setSaid("Copied");
        } catch {
            setSaid("Please copy it by hand");
        }
        setTimeout(() => setSaid(""), 2500);
    };
    return (
        <span class="copy">
            <code>{text}</code>
            <Button look={["quiet", "small"]} aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={copy}>
                <Icon name="copy" size={15} />
            </Button>
            <span class="small dim" role="status">
                {said}
            </span>
        </span>
    );
}
