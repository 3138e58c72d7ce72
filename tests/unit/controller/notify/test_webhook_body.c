#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "harness/job_event.h"
#include "notify/webhook_body.h"

static void the_body_tells_event_job_and_application(void **state) {
        CLEANUP(document_free) Document *event = job_event("started", "ann", "Job processing started");
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, "https://g.example");
        CLEANUP(free) char *body = webhook_body(event, &news, "d-1");
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(document_free) Document *found = document_parse(body, strlen(body), &problem);
        CLEANUP(document_free)
        Document *expected = json_of(
                "{'event':'job.started','delivery':'d-1','at':'Mon, 23 Nov 2026 19:30:00 GMT',"
                "'job':{'_id':'" JOB_EVENT_ID "','app_id':'aaaaaaaaaaaaaaaaaaaaaaaa','command':'deploy',"
                "'user':'ann','status':'started','message':'Job processing started',"
                "'modules':[{'name':'site','rev':'main'}],'created':'Mon, 23 Nov 2026 19:28:20 GMT',"
                "'url':'https://g.example/web/jobs/" JOB_EVENT_ID "'},"
                "'app':{'_id':'aaaaaaaaaaaaaaaaaaaaaaaa','name':'shop','env':'prod','role':'web','color':''}"
                "}");

        (void) state;
        assert_true(document_equal(found, expected));
}

/* RFC 4231, test case 2. */
static void the_signature_is_the_hmac_of_the_body(void **state) {
        CLEANUP(free) char *signature = webhook_signature("Jefe", "what do ya want for nothing?");

        (void) state;
        assert_string_equal(
                signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_body_tells_event_job_and_application),
                cmocka_unit_test(the_signature_is_the_hmac_of_the_body),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
