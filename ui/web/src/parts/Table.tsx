import type { ComponentChildren } from "preact";

export type Column<Row> = {
    title: string;
    cell: (row: Row) => ComponentChildren;
    right?: boolean;
    /** The title is for screen readers alone: actions. */
    untitled?: boolean;
};

type TableProps<Row> = { label: string; columns: Column<Row>[]; rows: Row[]; rowKey: (row: Row) => string };

export function Table<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
    return (
        <div class="table-box">
            <table class="table" aria-label={label}>
                <thead>
                    <tr>
                        {columns.map((column) => (
                            <th scope="col" class={column.right ? "right" : undefined} key={column.title}>
                                {column.untitled ? <span class="hidden-text">{column.title}</span> : column.title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={rowKey(row)}>
                            {columns.map((column) => (
                                <td class={column.right ? "right" : undefined} data-label={column.untitled ? undefined : column.title} key={column.title}>
                                    {column.cell(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
