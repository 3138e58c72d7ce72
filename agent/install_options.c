#include "install_options.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "settings.h"

enum { SECRET_FILE_MAX_BYTES = 64 << 10, PORT_MAX = 65535 };

const char install_help[] =
        "usage: ghost-agent install [OPTION…]\n"
        "\n"
        "Installs this program as a service: /usr/local/bin/ghost-agent, /etc/ghost/agent.conf and a "
        "systemd\n"
        "unit, which is enabled and started. What is there already is kept; run again, it changes what the\n"
        "options say and nothing else. On EC2 no option is needed: the user data tells the rest.\n"
        "  --controller HOST:PORT   the controller's agent link\n"
        "  --server-name NAME       name in the controller's certificate\n"
        "  --token TOKEN            join token; --token-file FILE reads it from a file\n"
        "  --ca FILE                PEM certificate of the controller's authority\n"
        "  --ca-fingerprint SHA256  refuses another certificate than this one\n"
        "  --instance-id ID         who this machine is, where there is no metadata service\n"
        "  --set KEY=VALUE          any other setting of agent.conf\n"
        "  --root DIR               installs into the root of an image; starts nothing\n"
        "  --no-start               enables the service without starting it\n";

const char uninstall_help[] =
        "usage: ghost-agent uninstall [--purge] [--root DIR]\n"
        "\n"
        "Stops the service and removes what `ghost-agent install` made, but not the configuration, the\n"
        "agent's identity and the releases.\n"
        "  --purge     the configuration and the identity as well; releases stay\n"
        "  --root DIR  in the root of an image\n";

typedef struct Option {
        const char *name;
        const char *setting; /* of agent.conf that gets the value; NULL: a member of InstallOptions */
        size_t offset;
        bool is_flag, of_uninstall;
} Option;
#define AT(member) NULL, offsetof(InstallOptions, member)

static const Option options[] = {
        { "--controller", "controller" },
        { "--server-name", "server_name" },
        { "--token", "token" },
        { "--instance-id", "instance_id" },
        { "--set", "" },
        { "--token-file", AT(token_file) },
        { "--ca", AT(ca_file) },
        { "--ca-fingerprint", AT(ca_fingerprint) },
        { "--root", AT(root), .of_uninstall = true },
        { "--no-start", AT(no_start), .is_flag = true },
        { "--purge", AT(purge), .is_flag = true, .of_uninstall = true },
};

void install_options_clear(InstallOptions *value) {
        for (size_t i = 0; i < value->settings.count; i++)
                crypto_wipe(value->settings.items[i], strlen(value->settings.items[i]));
        string_list_clear(&value->settings);
        free(value->root);
        free(value->token_file);
        free(value->ca_file);
        free(value->ca_fingerprint);
        *value = (InstallOptions){ 0 };
}

/* ---- one option ---- */

static const Option *find_option(const char *word, bool of_uninstall) {
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
                bool only_uninstall = options[i].of_uninstall && options[i].is_flag;
                if (strcmp(options[i].name, word) == 0 &&
                    (of_uninstall ? options[i].of_uninstall : !only_uninstall))
                        return &options[i];
        }
        return NULL;
}

static bool is_one_line(const char *value) {
        for (; *value; value++)
                if ((unsigned char) *value < ' ' || *value == 127)
                        return false;
        return true;
}

static bool take_setting(InstallOptions *ret, const Option *option, const char *value, Error **err) {
        const char *equals = strchr(value, '=');

        if (!is_one_line(value))
                return error_set(
                        err, ERROR_INVALID, "%s: holds a line break or a control character", option->name);
        if (*option->setting)
                string_list_addf(&ret->settings, "%s=%s", option->setting, value);
        else if (!equals || equals == value)
                return error_set(err, ERROR_INVALID, "--set %.64s: want KEY=VALUE", value);
        else
                string_list_add(&ret->settings, value);
        return true;
}

static bool take_option(InstallOptions *ret, const Option *option, const char *value, Error **err) {
        char **field = (char **) ((char *) ret + option->offset);

        if (text_empty(value))
                return error_set(err, ERROR_INVALID, "%s: wants a value", option->name);
        if (option->setting)
                return take_setting(ret, option, value, err);
        free(*field);
        *field = xstrdup(value);
        return true;
}

static bool read_words(char *const *words, bool of_uninstall, InstallOptions *ret, Error **err) {
        for (; *words; words++) {
                const Option *option = find_option(*words, of_uninstall);
                if (!option)
                        return error_set(err, ERROR_INVALID, "unknown option '%.64s'", *words);
                if (option->is_flag) {
                        *(bool *) ((char *) ret + option->offset) = true;
                        continue;
                }
                if (!words[1])
                        return error_set(err, ERROR_INVALID, "%s: wants a value", option->name);
                words++;
                if (!take_option(ret, option, *words, err))
                        return false;
        }
        return true;
}

/* ---- what they mean together ---- */

static bool finish_root(InstallOptions *ret, Error **err) {
        if (!ret->root) {
                ret->root = xstrdup("");
                return true;
        }
        if (ret->root[0] != '/')
                return error_set(err, ERROR_INVALID, "--root %s: want an absolute path", ret->root);
        for (size_t length = strlen(ret->root); length > 0 && ret->root[length - 1] == '/'; length--)
                ret->root[length - 1] = '\0';
        if (*ret->root && access(ret->root, X_OK) != 0)
                return error_set(err, ERROR_NOT_FOUND, "--root %s: there is no such folder", ret->root);
        return true;
}

static bool check_controller(const InstallOptions *ret, Error **err) {
        static const char key[] = "controller=";

        for (size_t i = 0; i < ret->settings.count; i++) {
                CLEANUP(error_free) Error *problem = NULL;
                const char *value = ret->settings.items[i] + sizeof(key) - 1;
                uint64_t port = 0;
                if (!text_starts_with(ret->settings.items[i], key))
                        continue;
                const char *colon = strrchr(value, ':');
                if (!colon || colon == value || !text_parse_uint(colon + 1, 1, PORT_MAX, &port, &problem))
                        return error_set(
                                err, ERROR_INVALID, "--controller %.128s: want HOST:PORT, as 10.0.0.1:5001",
                                value);
        }
        return true;
}

static bool read_token(InstallOptions *ret, Error **err) {
        CLEANUP(free) char *content = NULL;
        size_t length = 0;

        if (!ret->token_file)
                return true;
        if (!file_read(ret->token_file, SECRET_FILE_MAX_BYTES, &content, &length, err))
                return error_prefix(err, "--token-file");
        CLEANUP(free) char *token = text_trim(content);
        bool good = *token && is_one_line(token);
        if (good)
                string_list_addf(&ret->settings, "token=%s", token);
        crypto_wipe(token, strlen(token));
        crypto_wipe(content, length);
        return good ||
               error_set(err, ERROR_INVALID, "--token-file %s: want one line, the token", ret->token_file);
}

/* Digits in whatever way fingerprints are written: AB:CD:…, abcd… */
static bool same_fingerprint(const char *told, const char *found) {
        for (; *found; told++) {
                if (*told == ':')
                        continue;
                if (strncasecmp(told, found, 1) != 0)
                        return false;
                found++;
        }
        return *told == '\0';
}

static bool read_ca(InstallOptions *ret, Error **err) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *pem = NULL;
        size_t length = 0;

        if (!ret->ca_file)
                return !ret->ca_fingerprint ||
                       error_set(err, ERROR_INVALID, "--ca-fingerprint says what --ca must be: want both");
        if (!file_read(ret->ca_file, SECRET_FILE_MAX_BYTES, &pem, &length, err))
                return error_prefix(err, "--ca");
        if (strlen(pem) != length || !text_starts_with(pem, "-----BEGIN CERTIFICATE-----") ||
            !certificate_read(pem, &facts, &problem))
                return error_set(err, ERROR_INVALID, "--ca %s: no certificate in PEM", ret->ca_file);
        if (ret->ca_fingerprint && !same_fingerprint(ret->ca_fingerprint, facts.fingerprint))
                return error_set(
                        err, ERROR_FORBIDDEN,
                        "--ca %s: its SHA-256 fingerprint is %s, not %.128s; nothing was installed",
                        ret->ca_file, facts.fingerprint, ret->ca_fingerprint);
        CLEANUP(free) char *base64 = base64_encode(pem, length);
        string_list_addf(&ret->settings, "ca=%s", base64);
        return true;
}

bool install_options_read(char *const *words, InstallOptions *ret, Error **err) {
        return read_words(words, false, ret, err) && finish_root(ret, err) && check_controller(ret, err) &&
               read_token(ret, err) && read_ca(ret, err);
}

bool uninstall_options_read(char *const *words, InstallOptions *ret, Error **err) {
        return read_words(words, true, ret, err) && finish_root(ret, err);
}
