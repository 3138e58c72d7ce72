/** What batches a word makes of so many instances, as the controller deals them out. */
export type Batches = { sizes: number[] } | { needs: number } | { wrong: true };

const PARTS: Record<string, number> = { "50%": 2, "1/3": 3, "25%": 4 };

/** Dealt out in turn. */
function inParts(count: number, parts: number): number[] {
    return Array.from({ length: parts }, (_, i) => Math.floor(count / parts) + (i < count % parts ? 1 : 0)).filter((size) => size > 0);
}

export function batchesOf(word: string, count: number): Batches {
    if (word === "") return { sizes: count > 0 ? [count] : [] };
    if (word === "1by1") return count >= 2 ? { sizes: Array.from({ length: count }, () => 1) } : { needs: 2 };
    const parts = PARTS[word];
    if (parts) return count >= parts ? { sizes: inParts(count, parts) } : { needs: parts };
    const number = /^([1-9]\d*)(%?)$/.exec(word);
    if (!number) return { wrong: true };
    const value = Number(number[1]);
    if (number[2] && value >= 100) return { wrong: true };
    const size = number[2] ? Math.max(1, Math.floor((count * value) / 100)) : value;
    const needs = number[2] ? 2 : value + 1;
    return count >= needs ? { sizes: inParts(count, Math.ceil(count / size)) } : { needs };
}

export function batchesText(word: string, count: number): string {
    const batches = batchesOf(word, count);
    if ("wrong" in batches) return "a number of instances (3) or a share of them (10%) is expected";
    if ("needs" in batches) return `needs ${batches.needs} running instances; there ${count === 1 ? "is 1" : `are ${count}`}`;
    if (batches.sizes.length === 0) return "no instance runs";
    if (word === "") return `${count === 1 ? "the one running instance" : `all ${count} running instances`}; no load balancer is told`;
    const sizes = batches.sizes;
    const same = sizes.every((size) => size === sizes[0]);
    return same ? `${sizes.length} batches of ${sizes[0]}` : `${sizes.length} batches: ${sizes.join(", ")}`;
}
