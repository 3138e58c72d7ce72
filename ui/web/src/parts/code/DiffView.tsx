/** Two texts side by side, or one above the other on a phone; loaded when it is first shown. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Language } from "./languages";

export type DiffViewProps = { label: string; before: string; after: string; language?: Language };

export function DiffView({ label, before, after, language = "text" }: DiffViewProps) {
    const host = useRef<HTMLDivElement>(null);
    const [ready, setReady] = useState(false);

    useEffect(() => {
        let close: (() => void) | undefined;
        let gone = false;
        void import("./diff").then(
            ({ openDiff }) => {
                if (gone || !host.current) return;
                close = openDiff(host.current, { label, before, after, language });
                setReady(true);
            },
            () => {},
        );
        return () => {
            gone = true;
            close?.();
        };
    }, [before, after, language]);

    return (
        <div class="code diff" role="group" aria-label={label}>
            {!ready && (
                <div class="diff-plain">
                    <pre tabIndex={0}>{before}</pre>
                    <pre tabIndex={0}>{after}</pre>
                </div>
            )}
            <div ref={host} class="code-host" hidden={!ready} />
        </div>
    );
}
