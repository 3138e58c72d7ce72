#include "harness/ghost_test.h"

#include <string.h>

#include "socketio/log_html.h"

static void assert_html(const char *lines, const char *expected) {
        CLEANUP(text_clear) Text html = { 0 };

        log_html_append(&html, lines, strlen(lines));
        assert_string_equal(html.data ? html.data : "", expected);
}

#define SAMP(words) "<samp>" words "</samp>"

static void lines_are_escaped(void **state) {
        (void) state;
        assert_html("", "");
        assert_html("word", SAMP("word"));
        assert_html("a\nb\n", SAMP("a<br/>") SAMP("b<br/>"));
        assert_html("<script>&</script>\n", SAMP("&lt;script&gt;&amp;&lt;/script&gt;<br/>"));
        assert_html("a\r\nb\rc\n", SAMP("a<br/>") SAMP("b<br/>c<br/>"));
        assert_html("a%!(PACKER_COMMA)b", SAMP("a&#44;b"));
        assert_html("one\\ntwo\n", SAMP("one") SAMP("two<br/>"));
}

static void colours_become_spans(void **state) {
        static const struct {
                const char *line, *html;
        } rows[] = {
                { "\033[31mred", "<span style=\"color: rgb(255, 0, 0)\">red</span>" },
                { "\033[31mred\033[0m", "<span style=\"color: rgb(255, 0, 0)\">red</span>" },
                { "^[[31mred", "<span style=\"color: rgb(255, 0, 0)\">red</span>" },
                { "^[[32mgreen", "<span style=\"color: rgb(0, 255, 0)\">green</span>" },
                { "^[[33myellow", "<span style=\"color: rgb(255, 255, 0)\">yellow</span>" },
                { "^[[34mblue", "<span style=\"color: rgb(0, 175, 255)\">blue</span>" },
                { "^[[31;1mred", "<span style=\"color: rgb(128, 0, 0); font-weight: bolder\">red</span>" },
                { "^[[1;35mpurple",
                  "<span style=\"color: rgb(128, 0, 128); font-weight: bolder\">purple</span>" },
                { "^[[36;1mcyan",
                  "<span style=\"color: rgb(0, 128, 128); font-weight: bolder\">cyan</span>" },
                { "^[[99mplain", "plain" },
                { "^[[34;1mblue^[[39mplain",
                  "<span style=\"color: rgb(0, 0, 128); font-weight: bolder\">blue</span>plain" },
                { "a\033[31m<b>\033[32mc",
                  "a<span style=\"color: rgb(255, 0, 0)\">&lt;b&gt;</span><span style=\"color: rgb(0, 255, "
                  "0)\">c</span>" },
                { "\033[m^[[mplain", "plain" },
                { "^[x ^ [31m", "^[x ^ [31m" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(text_clear) Text expected = { 0 };

                text_appendf(&expected, "<samp>%s</samp>", rows[i].html);
                assert_html(rows[i].line, expected.data);
        }
        assert_html(
                "\033[31mred\nplain\n",
                SAMP("<span style=\"color: rgb(255, 0, 0)\">red</span><br/>") SAMP("plain<br/>"));
}

#define PANEL                                                                                                \
        "<div class=\"panel panel-default\"><em class=\"panel-heading\"><span class=\"timeinterval\"><i "    \
        "class=\"glyphicon glyphicon-time\"></i></span><span class=\"command-title\">"
#define BODY "</span></em><div class=\"panel-body\">"

static void commands_open_panels(void **state) {
        (void) state;
        assert_html(
                "2026/11/23 10:00:00 GMT: Deploy\nx\n2026/11/23 10:00:01 GMT: End\n",
                PANEL "2026/11/23 10:00:00 GMT: Deploy<br/>" BODY SAMP(
                        "x<br/>") "</div></div>" PANEL "2026/11/23 10:00:01 GMT: End<br/>" BODY);
        assert_html("2026/11/23 10:00 GMT: Deploy", SAMP("2026/11/23 10:00 GMT: Deploy"));
        assert_html("2026/11/23 10:00:00", SAMP("2026/11/23 10:00:00"));
        assert_html("2026/11/23 10:00:00 GMT", SAMP("2026/11/23 10:00:00 GMT"));
        assert_html("on 2026/11/23 10:00:00 GMT: x", SAMP("on 2026/11/23 10:00:00 GMT: x"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lines_are_escaped),
                cmocka_unit_test(colours_become_spans),
                cmocka_unit_test(commands_open_panels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
