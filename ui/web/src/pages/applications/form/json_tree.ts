/** Where something is in a text of JSON: what is wrong with it, and the line of a path. */
import { jsonLanguage } from "@codemirror/lang-json";

type SyntaxNode = ReturnType<typeof jsonLanguage.parser.parse>["topNode"];

export type Problem = { line: number; column: number; text: string };

function placeOf(text: string, offset: number): { line: number; column: number } {
    const before = text.slice(0, offset);
    const start = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, column: offset - start + 1 };
}

/** The first place that does not fit, which is not always where the engine gives up. */
function firstError(text: string): number | undefined {
    let at: number | undefined;
    jsonLanguage.parser.parse(text).iterate({
        enter: (node) => {
            if (node.type.isError && at === undefined) at = node.from;
            return at === undefined;
        },
    });
    return at;
}

/** What the engine says, without its own count of places, which not every one gives. */
export function readJson(text: string): { value: unknown } | { problem: Problem } {
    try {
        return { value: JSON.parse(text) as unknown };
    } catch (error) {
        const said = (error as Error).message.replace(/^JSON\.parse: /, "").replace(/(?:,| in JSON| at| of the JSON).*$/, "");
        return { problem: { ...placeOf(text, firstError(text) ?? text.length), text: said } };
    }
}

/** 1 when there is no such thing. */
export function lineOfPath(text: string, path: string): number {
    let node: SyntaxNode | null = jsonLanguage.parser.parse(text).topNode.firstChild;
    let found = node;
    for (const word of path.split(".")) {
        node = node ? inside(text, node, word) : null;
        if (!node) break;
        found = node;
    }
    return found ? placeOf(text, found.from).line : 1;
}

function inside(text: string, node: SyntaxNode, word: string): SyntaxNode | null {
    if (node.name === "Property") return node.lastChild ? inside(text, node.lastChild, word) : null;
    if (node.name === "Object")
        return (
            node.getChildren("Property").find((property) => {
                const name = property.getChild("PropertyName");
                return name && text.slice(name.from, name.to) === JSON.stringify(word);
            }) ?? null
        );
    if (node.name !== "Array") return null;
    let at = Number(word);
    for (let child = node.firstChild; child; child = child.nextSibling) if (!["[", "]", ",", "⚠"].includes(child.name) && at-- === 0) return child;
    return null;
}
