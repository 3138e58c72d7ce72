/**
 * The REST API, as the page uses it: the session's cookie says who asks, its CSRF token that it is this page.
 * Every refusal is an ApiError with the server's own sentence, and its remarks by field where it gave them.
 */
import { signal } from "@preact/signals";

import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Page<T> = { _items: T[]; _meta: { page: number; max_results: number; total: number } };

/** What the server says of single fields: a sentence, or the same again for the members of one that has members. */
export type Issues = { [field: string]: string | string[] | Issues };

export class ApiError extends Error {
    constructor(
        readonly status: number,
        message: string,
        readonly issues: Issues = {},
    ) {
        super(message);
    }
}

export type Session = { name: string; role: Role; csrf_token?: string };
export type Role = "viewer" | "operator" | "admin";

/** undefined: not asked yet; null: nobody is logged in. */
export const session = signal<Session | null | undefined>(undefined);

const ROLES: Role[] = ["viewer", "operator", "admin"];

/** What one may not do is not offered. */
export function may(role: Role): boolean {
    return session.value ? ROLES.indexOf(session.value.role) >= ROLES.indexOf(role) : false;
}

type Options = { body?: unknown; etag?: string; signal?: AbortSignal; headers?: Record<string, string> };

export function headersFor({ body, etag, headers }: Options = {}): Record<string, string> {
    return {
        // No challenge, please: the browser would open a window of its own.
        "X-Requested-With": "XMLHttpRequest",
        ...(session.value?.csrf_token ? { "X-CSRF-Token": session.value.csrf_token } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(etag ? { "If-Match": etag } : {}),
        ...headers,
    };
}

/** The raw answer of a success; for what is not JSON. */
export async function ask(method: string, path: string, options: Options = {}): Promise<Response> {
    let answer: Response;
    try {
        answer = await fetch(path, {
            method,
            headers: headersFor(options),
            body: options.body === undefined ? undefined : JSON.stringify(options.body),
            signal: options.signal,
            cache: "no-store",
        });
    } catch (error) {
        if (options.signal?.aborted) throw error;
        throw new ApiError(0, "The controller does not answer. Is it running, and the network up?");
    }
    if (answer.ok) return answer;
    if (answer.status === 401 && path !== "/sessions") session.value = null;
    throw await refusal(answer);
}

async function refusal(answer: Response): Promise<ApiError> {
    const text = await answer.text();
    try {
        const said = JSON.parse(text) as { _error?: { message?: string }; _issues?: Issues };
        return new ApiError(answer.status, said._error?.message ?? `The controller answered ${answer.status}`, said._issues);
    } catch {
        return new ApiError(answer.status, text.trim().slice(0, 300) || `The controller answered ${answer.status}`);
    }
}

async function json<T>(method: string, path: string, options?: Options): Promise<T> {
    const answer = await ask(method, path, options);
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as T;
}

export const api = {
    get: <T>(path: string, options?: Options) => json<T>("GET", path, options),
    post: <T>(path: string, body?: unknown, options?: Options) => json<T>("POST", path, { ...options, body: body ?? {} }),
    patch: <T>(path: string, body: unknown, etag: string) => json<T>("PATCH", path, { body, etag }),
    put: <T>(path: string, body: unknown, etag: string) => json<T>("PUT", path, { body, etag }),
    remove: (path: string, etag?: string) => json<void>("DELETE", path, { etag }),
};

/** A query string of what is set. `where` and `sort` of the collections are given as values. */
export function query(path: string, parameters: Record<string, unknown>): string {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        if (value === undefined || value === null || value === "") continue;
        words.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
    const text = words.toString();
    return text ? `${path}?${text}` : path;
}

export async function findSession(): Promise<void> {
    try {
        session.value = await api.get<Session>("/me");
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) session.value = null;
        else throw error;
    }
}

export async function logIn(name: string, password: string): Promise<void> {
    session.value = await api.post<Session>("/sessions", { name, password });
}

export async function logOut(): Promise<void> {
    try {
        await api.remove("/sessions/current");
    } finally {
        session.value = null;
    }
}
