import { Button } from "./Button";

type PagerProps = { meta: { page: number; max_results: number; total: number }; onPage: (page: number) => void; what: string };

export function Pager({ meta, onPage, what }: PagerProps) {
    const last = Math.max(1, Math.ceil(meta.total / meta.max_results));
    const first = (meta.page - 1) * meta.max_results + 1;
    const end = Math.min(meta.total, meta.page * meta.max_results);
    if (meta.total === 0) return null;
    return (
        <nav class="pager" aria-label={`Pages of ${what}`}>
            <span class="dim small">
                {first}–{end} of {meta.total} {what}
            </span>
            {last > 1 && (
                <span class="buttons">
                    <Button look="small" disabled={meta.page <= 1} onClick={() => onPage(meta.page - 1)}>
                        Newer
                    </Button>
                    <Button look="small" disabled={meta.page >= last} onClick={() => onPage(meta.page + 1)}>
                        Older
                    </Button>
                </span>
            )}
        </nav>
    );
}
