import { describe, expect, it, vi } from "vitest";

import { askPlan, more, sentence, shortId, sortWarnings } from "./plan";

const body = { command: "deploy", app_id: "a1", options: [] };
const answers = (status: number, text: string) => vi.stubGlobal("fetch", async () => new Response(text, { status }));

describe("askPlan", () => {
    it("is null where no plans are made, and fails where the job would be refused", async () => {
        answers(404, "{}");
        expect(await askPlan(body)).toBeNull();
        answers(200, '{"warnings":[]}');
        expect(await askPlan(body)).toEqual({ warnings: [] });
        answers(422, '{"_error":{"message":"Module to deploy not found"}}');
        await expect(askPlan(body)).rejects.toThrow("Module to deploy not found");
        vi.unstubAllGlobals();
    });
});

describe("words of a plan", () => {
    it("tell what stands in the way from what is good to know", () => {
        expect(sortWarnings(["the job would fail: no image", "AWS was not asked"])).toEqual({ bad: ["the job would fail: no image"], others: ["AWS was not asked"] });
        expect(sortWarnings(undefined)).toEqual({ bad: [], others: [] });
    });

    it("are short", () => {
        expect(shortId("59b3e41a0c93a1de13dc2f0c6ae39e7fc1f0f1a2")).toBe("59b3e41a0c");
        expect(shortId("v1")).toBe("v1");
        expect(sentence("it ends")).toBe("It ends");
        expect([more(120, 100), more(undefined, 3), more(2, 3)]).toEqual([20, 0, 0]);
    });
});
