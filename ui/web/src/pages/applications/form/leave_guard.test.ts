import { describe, expect, it } from "vitest";

import { leavingTo } from "./leave_guard";

function clicked(attributes: Record<string, string>, init: MouseEventInit = {}): string | undefined {
    const link = document.createElement("a");
    for (const [name, value] of Object.entries(attributes)) link.setAttribute(name, value);
    document.body.append(link);
    let to: string | undefined;
    link.addEventListener("click", (event) => {
        to = leavingTo(event, "/web/apps/1/edit");
        event.preventDefault();
    });
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true, ...init }));
    link.remove();
    return to;
}

describe("a click that would leave", () => {
    it("is one on a link to another page of ours", () => {
        expect(clicked({ href: "/web/jobs?env=prod" })).toBe("/web/jobs?env=prod");
    });

    it.each<[string, Record<string, string>, MouseEventInit?]>([
        ["within the form", { href: "#section-modules" }],
        ["to the same page otherwise", { href: "/web/apps/1/edit?view=json" }],
        ["into another window", { href: "/web/jobs", target: "_blank" }],
        ["with a key that opens a tab", { href: "/web/jobs" }, { ctrlKey: true }],
        ["to elsewhere, which the browser asks about", { href: "https://example.com/" }],
        ["that downloads", { href: "/web/x", download: "x" }],
    ])("is not one %s", (_, attributes, init) => {
        expect(clicked(attributes, init)).toBeUndefined();
    });
});
