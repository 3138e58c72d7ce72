/** Drawn with lines on a 24 by 24 ground. */
const PATHS = {
    apps: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    jobs: "M4 6h10M4 12h16M4 18h7M17 4l4 2.500-4 2.500z",
    deployments: "M12 3v12M7 8l5-5 5 5M4 15v5h16v-5",
    instances: "M4 5h16v5H4zM4 14h16v5H4zM8 7.500h.01M8 16.500h.01",
    webhooks: "M9 8a3 3 0 1 1 4.500 2.600L16 15M6.500 12.500a3 3 0 1 0 3.500 3.500h6M15.500 13.500a3 3 0 1 1-1 4.500",
    accounts: "M16 19v-1.500a4 4 0 0 0-4-4H8a4 4 0 0 0-4 4V19M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6M20 19v-1.500a4 4 0 0 0-3-3.900M15 4.200a3 3 0 0 1 0 5.600",
    health: "M3 12h4l3-8 4 16 3-8h4",
    audit: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3",
    menu: "M4 6h16M4 12h16M4 18h16",
    sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
    moon: "M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500z",
    docs: "M5 4h6a3 3 0 0 1 3 3v13a2 2 0 0 0-2-2H5zM19 4h-2a3 3 0 0 0-3 3",
    out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    play: "M7 4l12 8-12 8z",
    search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5",
    link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    close: "M6 6l12 12M18 6L6 18",
    down: "M6 9l6 6 6-6",
    download: "M12 4v11M7 10l5 5 5-5M4 20h16",
    edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
    copy: "M9 9h11v11H9zM5 15H4V4h11v1",
    plus: "M12 5v14M5 12h14",
    back: "M9 5l-6 6 6 6M3 11h11a6 6 0 0 1 6 6v2",
    up: "M12 19V5M6 11l6-6 6 6",
    columns: "M4 5h16v14H4zM10 5v14M15 5v14",
    full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d={PATHS[name]} />
        </svg>
    );
}
