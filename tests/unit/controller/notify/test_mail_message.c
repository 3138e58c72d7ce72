#include "harness/text_assertions.h"

#include <string.h>

#include "base/memory.h"
#include "harness/job_event.h"
#include "notify/mail_message.h"

typedef struct Mail {
        char *subject, *text, *html;
} Mail;

static Mail mail_about(const char *status, const char *user, const char *message, const char *remark) {
        CLEANUP(document_free) Document *event = job_event(status, user, message);
        CLEANUP(job_news_clear) JobNews news = job_news_read(event, "https://ghost.example");

        return (Mail){ mail_subject(&news), mail_text(&news, remark), mail_html(&news, remark) };
}

static void mail_clearp(Mail *mail) {
        free(mail->subject);
        free(mail->text);
        free(mail->html);
}

static void a_mail_says_what_became_of_the_job(void **state) {
        CLEANUP(mail_clear) Mail mail = mail_about("done", "ann", "Deployment OK", "The log is attached.");

        (void) state;
        assert_string_equal(mail.subject, "[GHOST] App shop (prod) - deploy: done (Deployment OK)");
        assert_string_equal(
                mail.text, "Cloud Deploy job triggered by ann\n\n"
                           "Status         done\n"
                           "Application    shop\n"
                           "Environment    prod\n"
                           "Role           web\n"
                           "Command        deploy\n"
                           "Job ID         " JOB_EVENT_ID "\n"
                           "Job message    Deployment OK\n"
                           "Creation date  2026-11-23 19:28:20 UTC\n"
                           "End date       2026-11-23 19:30:00 UTC\n\n"
                           "https://ghost.example/web/jobs/" JOB_EVENT_ID "\n\n"
                           "The log is attached.\n");
        assert_has(mail.html, "<h2>Cloud Deploy job triggered by ann</h2>");
        assert_has(mail.html, "<strong style=\"color: #4CAF50\">done</strong>");
        assert_has(
                mail.html,
                "<a href=\"https://ghost.example/web/jobs/" JOB_EVENT_ID "\">" JOB_EVENT_ID "</a>");
        assert_has(mail.html, "<p>The log is attached.</p>");
}

static void values_are_no_html(void **state) {
        CLEANUP(mail_clear)
        Mail mail = mail_about("failed", "<b>ann</b>", "<script>alert(\"x\")</script> & 'y'\r\nz", NULL);

        (void) state;
        assert_null(strstr(mail.html, "<script"));
        assert_null(strstr(mail.html, "<b>"));
        assert_has(mail.html, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;  z</td>");
        assert_has(mail.html, "triggered by &lt;b&gt;ann&lt;/b&gt;</h2>");
        assert_has(mail.html, "#F44336");
        assert_has(mail.text, "Job message    <script>alert(\"x\")</script> & 'y'  z\n");
}

static void a_job_that_only_started_has_no_end(void **state) {
        CLEANUP(mail_clear) Mail mail = mail_about("started", "ann", "Job processing started", NULL);

        (void) state;
        assert_has(mail.text, "End date       -\n");
        assert_has(mail.html, "#03A9F4");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_mail_says_what_became_of_the_job),
                cmocka_unit_test(values_are_no_html),
                cmocka_unit_test(a_job_that_only_started_has_no_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
