/** Order of a list, and keys that go with its elements, so that what is open or written in stays with them. */
import { useRef } from "preact/hooks";

export function moved<T>(list: T[], from: number, to: number): T[] {
    if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
    const copy = [...list];
    const [one] = copy.splice(from, 1);
    copy.splice(to, 0, one!);
    return copy;
}

export type Keys = {
    list: number[];
    add: () => number;
    remove: (at: number) => void;
    move: (from: number, to: number) => void;
};

/** A list whose length changed by other hands (written as JSON, say) gets new keys for what is more. */
export function useKeys(length: number): Keys {
    const next = useRef(0);
    const keys = useRef<number[]>([]);
    while (keys.current.length < length) keys.current.push(next.current++);
    if (keys.current.length > length) keys.current.length = length;
    return {
        list: keys.current,
        add: () => {
            keys.current = [...keys.current, next.current++];
            return keys.current.at(-1)!;
        },
        remove: (at) => {
            keys.current = keys.current.filter((_, i) => i !== at);
        },
        move: (from, to) => {
            keys.current = moved(keys.current, from, to);
        },
    };
}
