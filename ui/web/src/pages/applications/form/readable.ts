/** A value as text that can be compared by eye: scripts line by line. */
import { isObject, type Json } from "./document";

export function readable(value: Json | undefined): string {
    if (value === undefined) return "";
    return typeof value === "string" ? value : lines(value, "").join("\n");
}

function lines(value: Json, indent: string): string[] {
    if (Array.isArray(value)) return value.flatMap((one) => bulleted(lines(one, `${indent}  `), indent));
    if (!isObject(value)) return [`${indent}${String(value)}`];
    return Object.keys(value)
        .sort()
        .flatMap((name) => {
            const member = value[name]!;
            if (typeof member === "string" && member.includes("\n")) return [`${indent}${name}:`, ...member.replace(/\n$/, "").split("\n").map((line) => `${indent}    ${line}`)];
            if (typeof member === "object" && member !== null) return [`${indent}${name}:`, ...lines(member, `${indent}    `)];
            return [`${indent}${name}: ${String(member)}`];
        });
}

function bulleted(block: string[], indent: string): string[] {
    return block.map((line, i) => (i === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line));
}
