import type { PageRoute } from "..";

export const webhookPages: PageRoute[] = [
    { path: "/web/webhooks", load: () => import("./WebhookList") },
    { path: "/web/webhooks/new", load: () => import("./WebhookForm") },
    { path: "/web/webhooks/invocations", load: () => import("./Invocations") },
    { path: "/web/webhooks/:id/edit", load: () => import("./WebhookForm") },
    { path: "/web/webhooks/:id/invocations", load: () => import("./Invocations") },
];
