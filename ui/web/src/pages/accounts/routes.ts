import type { PageRoute } from "..";

export const accountPages: PageRoute[] = [
    { path: "/web/accounts", load: () => import("./Accounts") },
    { path: "/web/me", load: () => import("./Me") },
    { path: "/web/audit", load: () => import("./Audit") },
];
