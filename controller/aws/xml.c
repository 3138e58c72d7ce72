#include "aws/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct Xml {
        char *name;
        Text text;
        Xml *parent, *first, *last, *next;
};

typedef struct Builder {
        XML_Parser parser;
        Xml *root, *open;
        size_t elements;
        int depth;
        const char *refusal; /* why parsing was stopped by us */
} Builder;

static void refuse(Builder *builder, const char *why) {
        builder->refusal = why;
        XML_StopParser(builder->parser, XML_FALSE);
}

static void on_start(void *context, const char *name, const char **attributes) {
        Builder *builder = context;
        const char *colon = strrchr(name, ':');
        Xml *parent = builder->open, *element;

        (void) attributes;
        if (builder->refusal)
                return;
        if (++builder->elements > XML_MAX_ELEMENTS || ++builder->depth > XML_MAX_DEPTH) {
                refuse(builder, builder->depth > XML_MAX_DEPTH ? "nested too deep" : "too many elements");
                return;
        }
        element = xcalloc(1, sizeof(*element));
        element->name = xstrdup(colon ? colon + 1 : name);
        element->parent = parent;
        if (!parent)
                builder->root = element;
        else if (parent->last)
                parent->last = parent->last->next = element;
        else
                parent->first = parent->last = element;
        builder->open = element;
}

static void on_end(void *context, const char *name) {
        Builder *builder = context;

        (void) name;
        if (builder->refusal)
                return;
        /* Blanks between children are layout, not text. */
        if (builder->open->first)
                text_clear(&builder->open->text);
        builder->open = builder->open->parent;
        builder->depth--;
}

static void on_text(void *context, const char *bytes, int length) {
        Builder *builder = context;

        if (builder->open && !builder->refusal)
                text_append_bytes(&builder->open->text, bytes, (size_t) length);
}

static void on_doctype(
        void *context, const char *name, const char *system, const char *public, int has_subset) {
        (void) name, (void) system, (void) public, (void) has_subset;
        refuse(context, "a DOCTYPE is refused");
}

bool xml_parse(const char *bytes, size_t length, Xml **ret, Error **err) {
        Builder builder = { 0 };

        if (length > XML_MAX_BYTES)
                return error_set(err, ERROR_INVALID, "XML: longer than %d bytes", XML_MAX_BYTES);
        builder.parser = XML_ParserCreate(NULL);
        if (!builder.parser)
                abort(); /* out of memory */
        XML_SetUserData(builder.parser, &builder);
        XML_SetElementHandler(builder.parser, on_start, on_end);
        XML_SetCharacterDataHandler(builder.parser, on_text);
        XML_SetStartDoctypeDeclHandler(builder.parser, on_doctype);

        bool good = XML_Parse(builder.parser, bytes, (int) length, 1) == XML_STATUS_OK && !builder.refusal;
        if (!good) {
                unsigned long line = XML_GetCurrentLineNumber(builder.parser);
                const char *why =
                        builder.refusal ? builder.refusal : XML_ErrorString(XML_GetErrorCode(builder.parser));
                error_set(err, ERROR_INVALID, "XML: line %lu: %s", line, why);
                xml_free(TAKE(builder.root));
        }
        XML_ParserFree(builder.parser);
        if (good)
                *ret = builder.root;
        return good;
}

/* Without recursion: from leaf to leaf. */
void xml_free(Xml *root) {
        for (Xml *element = root; element;) {
                Xml *child = element->first;

                if (child) {
                        element->first = child->next;
                        element = child;
                        continue;
                }
                Xml *parent = element == root ? NULL : element->parent;
                free(element->name);
                text_clear(&element->text);
                free(element);
                element = parent;
        }
}

const char *xml_name(const Xml *element) {
        return element->name;
}

static const Xml *named(const Xml *element, const char *name, size_t length) {
        while (element && name && (strncmp(element->name, name, length) != 0 || element->name[length]))
                element = element->next;
        return element;
}

const Xml *xml_first(const Xml *element, const char *name) {
        return element ? named(element->first, name, name ? strlen(name) : 0) : NULL;
}

const Xml *xml_next(const Xml *element, const char *name) {
        return element ? named(element->next, name, name ? strlen(name) : 0) : NULL;
}

const Xml *xml_find(const Xml *element, const char *path) {
        while (element && *path) {
                size_t length = strcspn(path, "/");

                element = named(element->first, path, length);
                path += length + (path[length] == '/');
        }
        return element;
}

const char *xml_text(const Xml *element, const char *path) {
        const Xml *found = xml_find(element, path);

        if (!found)
                return NULL;
        return found->text.data ? found->text.data : "";
}

char *xml_text_copy(const Xml *element, const char *path) {
        const char *text = xml_text(element, path);

        return xstrdup(text ? text : "");
}

bool xml_bool(const Xml *element, const char *path) {
        return text_equal(xml_text(element, path), "true");
}

long long xml_int(const Xml *element, const char *path) {
        const char *text = xml_text(element, path);

        return text ? strtoll(text, NULL, 10) : 0;
}
