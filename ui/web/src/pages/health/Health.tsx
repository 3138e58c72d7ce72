import type { Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Card, Facts } from "~/parts/Card";
import { Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";

export default function Health() {
    const health = useQuery<Schemas["Health"]>("/health", () => true);

    return (
        <>
            <PageHead title="Health" />
            <Failure error={health.error} retry={health.reload} />
            <Card title="Controller">
                {health.data ? (
                    <Facts
                        rows={[
                            ["Status", health.data.status],
                            ["Version", health.data.version],
                            ["Agents connected", health.data.agents_connected],
                        ]}
                    />
                ) : (
                    <Loading what="health" />
                )}
            </Card>
        </>
    );
}
