import { describe, expect, it } from "vitest";

import { addressOf, bodyOf, EMPTY, formOf, type Webhook } from "./webhook";

describe("a webhook's form", () => {
    const stored = {
        _id: "w",
        _links: {},
        app_id: "a",
        module: "site",
        rev: "v.*",
        events: ["tag"],
        commands: ["deploy"],
        options: { fabric_execution_strategy: "parallel", safe_deployment_strategy: "25%", approve: "start", max_failures: "1", instance_type: null },
    } as unknown as Webhook;

    it("comes back as it was", () => {
        const { app_id, ...rest } = bodyOf(formOf(stored), true);
        expect(app_id).toBe("a");
        expect(rest).toEqual({ module: "site", rev: "v.*", events: ["tag"], commands: ["deploy"], options: { fabric_execution_strategy: "parallel", safe_deployment_strategy: "25%", approve: "start", max_failures: "1" } });
    });
    it("does not move to another application", () => expect(bodyOf(formOf(stored), false)).not.toHaveProperty("app_id"));
    it("keeps the secret unless a new one is written", () => {
        expect(bodyOf(EMPTY, true)).not.toHaveProperty("secret_token");
        expect(bodyOf({ ...EMPTY, secret_token: "s" }, true)).toHaveProperty("secret_token", "s");
    });
    it("has no strategy where an image is built", () => expect(bodyOf({ ...EMPTY, command: "buildimage", instance_type: "t3.small" }, true).options).toEqual({ instance_type: "t3.small" }));
});

it("the address has the webhook's id", () => expect(addressOf("w", "https://ghost")).toBe("https://ghost/webhooks/w/invocations"));
