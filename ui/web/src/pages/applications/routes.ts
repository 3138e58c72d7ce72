import type { PageRoute } from "..";

export const applicationPages: PageRoute[] = [{ path: "/web/apps", load: () => import("./ApplicationList") }];
