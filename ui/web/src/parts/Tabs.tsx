/** Tabs that are addresses: each can be linked to. */
export type Tab = { href: string; label: string; current: boolean };

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
    return (
        <nav class="tabs" aria-label={label}>
            {tabs.map((tab) => (
                <a href={tab.href} aria-current={tab.current ? "page" : undefined} key={tab.href}>
                    {tab.label}
                </a>
            ))}
        </nav>
    );
}
