/** Tabs that are addresses: each can be linked to. */
import { useEffect, useRef } from "preact/hooks";

export type Tab = { href: string; label: string; current: boolean };

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
    const box = useRef<HTMLElement>(null);
    useEffect(() => {
        // On a phone it may be beyond the edge. Only the tabs are scrolled: the page stays where it is.
        const bar = box.current!;
        const tab = bar.querySelector<HTMLElement>("[aria-current]");
        if (tab) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
    }, [tabs.find((tab) => tab.current)?.href]);
    return (
        <nav class="tabs" aria-label={label} ref={box}>
            {tabs.map((tab) => (
                <a href={tab.href} aria-current={tab.current ? "page" : undefined} key={tab.href}>
                    {tab.label}
                </a>
            ))}
        </nav>
    );
}
