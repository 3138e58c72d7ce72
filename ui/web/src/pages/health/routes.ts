import type { PageRoute } from "..";

export const healthPages: PageRoute[] = [{ path: "/web/health", load: () => import("./Health") }];
