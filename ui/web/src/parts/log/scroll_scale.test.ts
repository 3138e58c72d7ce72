import { describe, expect, it } from "vitest";

import { ScrollScale } from "./scroll_scale";

describe("ScrollScale", () => {
    it("is the browser's own while there is room", () => {
        const scale = new ScrollScale(1000);
        scale.resize(800, 100);
        scale.scrolled(430);
        expect([scale.height, scale.position, scale.shift]).toEqual([800, 430, 0]);
        expect(scale.goTo(5000)).toBe(700);
    });

    it("reaches both ends of what is higher than the element", () => {
        const scale = new ScrollScale(1000);
        scale.resize(100000, 100);
        expect(scale.height).toBe(1000);
        scale.scrolled(900);
        expect(scale.position).toBe(99900);
        scale.scrolled(450);
        expect(scale.position).toBe(49950);
        scale.scrolled(0);
        expect(scale.position).toBe(0);
    });

    it("moves by what the wheel says, and then puts the bar in its place", () => {
        const scale = new ScrollScale(1000);
        scale.resize(100000, 100);
        scale.goTo(50000);
        const before = scale.top;
        scale.scrolled(before + 53);
        expect(scale.position).toBe(50053);
        scale.scrolled(before + 153);
        expect(scale.position).toBe(50153);
        const top = scale.settle();
        expect(top).toBe(Math.round((50153 / 99900) * 900));
        scale.scrolled(top + 1);
        expect(scale.position).toBe(50154);
    });

    it("every row can be reached by small steps", () => {
        const scale = new ScrollScale(1000);
        scale.resize(20000, 100);
        const seen = new Set<number>();
        for (let i = 0; i < 2000 && scale.position < scale.end; i++) {
            seen.add(Math.floor(scale.position / 20));
            scale.scrolled(Math.min(900, scale.top + 20));
            scale.settle();
        }
        expect(seen.size).toBeGreaterThan(950);
        expect(scale.position).toBe(scale.end);
    });
});
