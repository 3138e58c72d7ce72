import { type Page, query, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Card } from "~/parts/Card";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";

export default function ApplicationList() {
    const apps = useQuery<Page<Schemas["App"]>>(query("/apps", { max_results: 500 }), watching("apps"));

    return (
        <>
            <PageHead title="Applications" />
            <Failure error={apps.error} retry={apps.reload} />
            <Card flush>
                {!apps.data ? (
                    apps.loading && <Loading what="applications" />
                ) : apps.data._items.length === 0 ? (
                    <Empty title="No applications yet" />
                ) : (
                    <Table
                        label="Applications"
                        rows={apps.data._items}
                        rowKey={(app) => app._id}
                        columns={[
                            { title: "Name", cell: (app) => <a href={`/web/apps/${app._id}`}>{app.name}</a> },
                            { title: "Environment", cell: (app) => app.env },
                            { title: "Role", cell: (app) => app.role },
                            { title: "Changed", cell: (app) => <Ago at={app._updated} /> },
                        ]}
                    />
                )}
            </Card>
        </>
    );
}
