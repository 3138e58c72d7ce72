import { expect, it } from "vitest";

import { bytesText } from "./sizes";

it("writes sizes for people", () => expect([0, 1023, 1024, 82957578240].map(bytesText)).toEqual(["0 B", "1023 B", "1.0 KiB", "77.3 GiB"]));
it("writes nothing for what is not known", () => expect(bytesText(undefined)).toBe(""));
