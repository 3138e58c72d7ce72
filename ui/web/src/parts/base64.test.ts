import { describe, expect, it } from "vitest";

import { fromBase64, toBase64 } from "./base64";

describe("scripts on the wire", () => {
    it("come back as they were", () => expect(fromBase64(toBase64("écho 'grüß' 🚀\n"))).toBe("écho 'grüß' 🚀\n"));
    it("end their lines as Unix does", () => expect(fromBase64(toBase64("a\r\nb\rc"))).toBe("a\nb\nc"));
    it("are empty when empty", () => expect([toBase64(""), fromBase64(""), fromBase64(null)]).toEqual(["", "", ""]));
    it("that are no base64 of a text are shown as they are", () => expect(["#!/bin/sh", btoa("\xff\xfe")].map(fromBase64)).toEqual(["#!/bin/sh", btoa("\xff\xfe")]));
    it("may be long", () => expect(fromBase64(toBase64("x".repeat(300_000)))).toHaveLength(300_000));
});
