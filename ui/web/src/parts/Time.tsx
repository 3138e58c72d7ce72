import { useEffect, useState } from "preact/hooks";

/** Times come as the API writes them, and are shown in the reader's zone. */
export function parseTime(stamp: string | undefined | null): Date | null {
    if (!stamp) return null;
    const date = new Date(stamp);
    return Number.isNaN(date.getTime()) ? null : date;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
];

export function agoText(date: Date, now: number): string {
    const seconds = Math.round((date.getTime() - now) / 1000);
    if (Math.abs(seconds) < 45) return "just now";
    if (Math.abs(seconds) > 14 * 86400) return date.toLocaleDateString(undefined, { dateStyle: "medium" });
    for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return new Intl.RelativeTimeFormat("en", { numeric: "always" }).format(Math.trunc(seconds / size), unit);
    return "a minute ago";
}

export function durationText(ms: number): string {
    if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
    const seconds = ms / 1000;
    if (seconds < 10) return `${seconds.toFixed(1)} s`;
    if (seconds < 60) return `${Math.round(seconds)} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function useNow(everyMs: number): number {
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => setNow(Date.now()), everyMs);
        return () => clearInterval(timer);
    }, [everyMs]);
    return now;
}

/** "3 minutes ago", with the whole of it when pointed at. */
export function Ago({ at }: { at: string | undefined | null }) {
    const now = useNow(30000);
    const date = parseTime(at);
    if (!date) return null;
    return (
        <time dateTime={date.toISOString()} title={date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })} class="nowrap">
            {agoText(date, now)}
        </time>
    );
}

/** How long it took, or takes. */
export function Took({ from, to }: { from: string | undefined | null; to: string | undefined | null }) {
    const now = useNow(to ? 3600000 : 1000);
    const start = parseTime(from);
    if (!start) return null;
    return <span class="nowrap">{durationText((parseTime(to)?.getTime() ?? now) - start.getTime())}</span>;
}
