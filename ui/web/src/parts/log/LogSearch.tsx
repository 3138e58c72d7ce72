import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Icon } from "~/parts/Icon";

import type { LogModel } from "./log_model";

type SearchProps = { model: LogModel; /** The line to search from. */ from: () => number; onHit: (line: number) => void; onClose: () => void };

const WAIT_MS = 120;

export function LogSearch({ model, from, onHit, onClose }: SearchProps) {
    const [words, setWords] = useState(model.needle);
    const input = useRef<HTMLInputElement>(null);
    model.tick.value;
    const { search } = model;

    // Before the next key: what is typed right away is searched for.
    useLayoutEffect(() => input.current?.focus(), []);
    useEffect(() => {
        if (words === model.needle) return;
        const timer = setTimeout(() => model.find(words), WAIT_MS);
        return () => clearTimeout(timer);
    }, [words]);

    const go = (backwards: boolean) => {
        const at = from();
        const line = model.match(model.hit >= 0 && !backwards ? at + 1 : at, backwards);
        if (line >= 0) onHit(line);
    };

    const count = search?.count ?? 0;
    const place = search && model.hit >= 0 ? search.after(model.hit) + 1 : 0;
    const share = search ? search.progress : 1;
    return (
        <div class="log-search" role="search">
            <Icon name="search" size={16} />
            <input
                ref={input}
                type="text"
                aria-label="Search the log"
                placeholder="Search the log"
                autocomplete="off"
                spellcheck={false}
                value={words}
                onInput={(event) => setWords(event.currentTarget.value)}
                onKeyDown={(event) => {
                    if (event.key !== "Enter") return;
                    event.preventDefault();
                    if (words !== model.needle) model.find(words);
                    go(event.shiftKey);
                }}
            />
            <span class="log-count" role="status">
                {model.needle && (share < 1 ? `${count.toLocaleString()} lines, ${Math.floor(share * 100)} %` : count === 0 ? "nothing found" : `${place ? `${place.toLocaleString()} of ` : ""}${count.toLocaleString()} ${count === 1 ? "line" : "lines"}`)}
            </span>
            <button type="button" class="log-tool" aria-label="Previous match" title="Previous (Shift+Enter)" disabled={count === 0} onClick={() => go(true)}>
                ↑
            </button>
            <button type="button" class="log-tool" aria-label="Next match" title="Next (Enter)" disabled={count === 0} onClick={() => go(false)}>
                ↓
            </button>
            <button type="button" class="log-tool" aria-label="Close the search" onClick={onClose}>
                <Icon name="close" size={16} />
            </button>
        </div>
    );
}
