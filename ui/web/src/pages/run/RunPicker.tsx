import "./run.css";

import { useRoute } from "preact-iso";

import { may, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Card } from "~/parts/Card";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Ago } from "~/parts/Time";

import { fieldWords, type Offer, offers, type PendingChange } from "./pending";

export default function RunPicker() {
    const { id } = useRoute().params as { id: string };
    const app = useQuery<Schemas["App"]>(`/apps/${id}`, watching("apps"));
    const commands = useQuery<[string, string][]>(`/commands/${id}`, watching("apps"));
    const fields = useQuery<[string, string[]][]>(`/commands/fields/${id}`);
    const error = app.error ?? commands.error ?? fields.error;

    return (
        <>
            <PageHead
                title="Run a command"
                crumbs={
                    <>
                        <a href="/web/apps">Applications</a> / <a href={`/web/apps/${id}`}>{app.data?.name ?? id}</a>
                    </>
                }
            >
                {app.data && `${app.data.name} · ${app.data.env} · ${app.data.role}`}
            </PageHead>
            <Failure error={error} retry={commands.reload} />
            {!may("operator") && <Notice tone="warn">Your role may look at applications, not run commands.</Notice>}
            {app.data && commands.data && fields.data
                ? offers(commands.data, fields.data, (app.data.pending_changes ?? []) as PendingChange[]).map(([title, some]) => (
                      <Card title={title} flush key={title}>
                          <ul class="plain offers">
                              {some.map((offer) => (
                                  <OfferRow offer={offer} appId={id} key={offer.name} />
                              ))}
                          </ul>
                      </Card>
                  ))
                : !error && <Loading what="commands" />}
        </>
    );
}

function OfferRow({ offer, appId }: { offer: Offer; appId: string }) {
    return (
        <li>
            <div>
                {may("operator") ? <a href={`/web/apps/${appId}/run/${offer.name}`}>{offer.title}</a> : <b>{offer.title}</b>} {offer.danger && <Badge tone="bad">ends instances</Badge>}
                {offer.applies.length > 0 && <Badge tone="accent">recommended</Badge>}
            </div>
            <div class="dim">{offer.does}</div>
            {offer.applies.length > 0 && (
                <div class="small">
                    Applies what was changed:{" "}
                    {offer.applies.map((change, i) => (
                        <span key={change.field}>
                            {i > 0 && ", "}
                            <b>{fieldWords(change.field ?? "")}</b> <span class="dim">by {change.user}, <Ago at={change.updated} /></span>
                        </span>
                    ))}
                </div>
            )}
        </li>
    );
}
