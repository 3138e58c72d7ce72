/** The frame around every page: where one can go, who one is, whether the page is live. */
import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";

import { live } from "~/api/changes";
import { logOut, may, type Role, session } from "~/api/client";
import { Badge } from "~/parts/Badge";
import { Button } from "~/parts/Button";
import { Icon, type IconName } from "~/parts/Icon";
import { theme, toggleTheme } from "~/parts/theme";

const PLACES: { href: string; label: string; icon: IconName; role: Role }[] = [
    { href: "/web/apps", label: "Applications", icon: "apps", role: "viewer" },
    { href: "/web/jobs", label: "Jobs", icon: "jobs", role: "viewer" },
    { href: "/web/deployments", label: "Deployments", icon: "deployments", role: "viewer" },
    { href: "/web/instances", label: "Instances", icon: "instances", role: "viewer" },
    { href: "/web/webhooks", label: "Webhooks", icon: "webhooks", role: "viewer" },
    { href: "/web/accounts", label: "Accounts", icon: "accounts", role: "admin" },
    { href: "/web/audit", label: "Audit", icon: "audit", role: "admin" },
    { href: "/web/health", label: "Health", icon: "health", role: "viewer" },
];

export function Shell({ children }: { children: ComponentChildren }) {
    const { path } = useLocation();
    const [open, setOpen] = useState(false);
    const main = useRef<HTMLElement>(null);
    const first = useRef(true);

    useEffect(() => {
        setOpen(false);
        // A new page is told to those who do not see it.
        if (!first.current) main.current?.focus({ preventScroll: true });
        first.current = false;
    }, [path]);

    return (
        <div class="shell">
            <a class="skip" href="#main">
                Skip to the content
            </a>
            <header class={open ? "side open" : "side"}>
                <a class="brand" href="/web/apps">
                    <img src="/web/icon.svg" alt="" /> Ghost
                </a>
                <span class="menu-button">
                    <Button look="icon" aria-label="Menu" aria-expanded={open} onClick={() => setOpen(!open)}>
                        <Icon name="menu" />
                    </Button>
                </span>
                <nav aria-label="Main">
                    {PLACES.filter((place) => may(place.role)).map((place) => (
                        <a href={place.href} aria-current={path.startsWith(place.href) ? "page" : undefined} key={place.href}>
                            <Icon name={place.icon} />
                            {place.label}
                        </a>
                    ))}
                </nav>
                <div class="foot">
                    <div class="who">
                        <span>
                            <a href="/web/me">{session.value?.name}</a> <span class="dim">({session.value?.role})</span>
                        </span>
                        <LiveBadge />
                    </div>
                    <a href="/docs/" target="_blank" rel="noopener">
                        Documentation
                    </a>
                    <div class="buttons">
                        <Button look={["quiet", "icon"]} aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"} title={theme.value === "dark" ? "Light colours" : "Dark colours"} onClick={toggleTheme}>
                            <Icon name={theme.value === "dark" ? "sun" : "moon"} />
                        </Button>
                        <Button look={["quiet", "small"]} onClick={logOut}>
                            <Icon name="out" size={16} /> Log out
                        </Button>
                    </div>
                </div>
            </header>
            <main class="main" id="main" tabIndex={-1} ref={main}>
                {children}
            </main>
        </div>
    );
}

function LiveBadge() {
    if (live.value === "live")
        return (
            <span>
                <Badge tone="good" dot title="What is shown follows the controller by itself">
                    Live
                </Badge>
            </span>
        );
    return (
        <span role="status">
            <Badge tone="warn" dot title="What is shown may be old; the page tries to reach the controller">
                {live.value === "lost" ? "Not live" : "Connecting"}
            </Badge>
        </span>
    );
}
