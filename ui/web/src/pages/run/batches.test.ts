import { describe, expect, it } from "vitest";

import { batchesOf, batchesText } from "./batches";

describe("batchesOf", () => {
    it("deals the instances out", () => {
        expect(batchesOf("", 4)).toEqual({ sizes: [4] });
        expect(batchesOf("1by1", 3)).toEqual({ sizes: [1, 1, 1] });
        expect(batchesOf("50%", 5)).toEqual({ sizes: [3, 2] });
        expect(batchesOf("1/3", 7)).toEqual({ sizes: [3, 2, 2] });
        expect(batchesOf("25%", 10)).toEqual({ sizes: [3, 3, 2, 2] });
        expect(batchesOf("3", 7)).toEqual({ sizes: [3, 2, 2] });
        expect(batchesOf("10%", 25)).toMatchObject({ sizes: expect.arrayContaining([2, 1]) });
    });

    it("says how many instances it takes", () => {
        expect(batchesOf("1by1", 1)).toEqual({ needs: 2 });
        expect(batchesOf("25%", 3)).toEqual({ needs: 4 });
        expect(batchesOf("3", 3)).toEqual({ needs: 4 });
        expect(batchesOf("10%", 1)).toEqual({ needs: 2 });
    });

    it("knows what is none", () => {
        for (const word of ["0", "100%", "two", "1/4", "-1"]) expect(batchesOf(word, 9)).toEqual({ wrong: true });
    });
});

describe("batchesText", () => {
    it("is short", () => {
        expect(batchesText("50%", 4)).toBe("2 batches of 2");
        expect(batchesText("50%", 5)).toBe("2 batches: 3, 2");
        expect(batchesText("1by1", 1)).toBe("needs 2 running instances; there is 1");
        expect(batchesText("", 0)).toBe("no instance runs");
        expect(batchesText("", 3)).toBe("all 3 running instances; no load balancer is told");
    });
});
