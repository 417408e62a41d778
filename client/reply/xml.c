/* SPDX-License-Identifier: Apache-2.0 */
#include "client/reply/xml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

#define VALUE_MAX (64 * 1024)
#define BLANKS	  " \t\r\n"

/* Behind a comment, declaration or closing tag; NULL at a broken end. */
static const char *
skip_markup(const char *p)
{
	const char *end;

	if (sg_text_starts(p, "<!--")) {
		end = strstr(p + 4, "-->");
		return end != NULL ? end + 3 : NULL;
	}
	end = strchr(p, '>');
	return end != NULL ? end + 1 : NULL;
}

/* Does the tag at p have this name, whatever its prefix? */
static bool
tag_is_named(const char *p, const char *element)
{
	size_t len = strcspn(p, BLANKS "/>:");

	if (p[len] == ':') {
		p += len + 1;
		len = strcspn(p, BLANKS "/>");
	}
	return len == strlen(element) && strncmp(p, element, len) == 0;
}

/* The text behind "<name" of the first such element, or NULL. */
static const char *
find_element(const char *xml, const char *element)
{
	const char *p = strchr(xml, '<');

	while (p != NULL) {
		if (strchr("!?/", p[1]) == NULL && tag_is_named(p + 1, element))
			return p + 1 + strcspn(p + 1, BLANKS "/>");
		p = skip_markup(p);
		if (p != NULL)
			p = strchr(p, '<');
	}
	return NULL;
}

static void
add_utf8(struct sg_buf *out, unsigned long c)
{
	if (c < 0x80) {
		sg_buf_add_byte(out, (uint8_t)c);
	} else if (c < 0x800) {
		sg_buf_add_byte(out, (uint8_t)(0xc0 | c >> 6));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		sg_buf_add_byte(out, (uint8_t)(0xe0 | c >> 12));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		sg_buf_add_byte(out, (uint8_t)(0xf0 | c >> 18));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		sg_buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

/* XML 1.0 §4.1: bytes read of "&#65;" or "&#x41;"; 0 when it is neither. */
static size_t
add_character(struct sg_buf *out, const char *p)
{
	bool is_hex = p[2] == 'x';
	const char *digits = p + (is_hex ? 3 : 2);
	size_t count =
	    strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789");
	unsigned long c;

	if (count == 0 || count > 7 || digits[count] != ';')
		return 0;
	c = strtoul(digits, NULL, is_hex ? 16 : 10);
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	add_utf8(out, c);
	return (size_t)(digits - p) + count + 1;
}

/* Bytes read of a reference; what is none stays as it is. */
static size_t
add_reference(struct sg_buf *out, const char *p)
{
	static const struct {
		const char *name;
		uint8_t byte;
	} entities[] = {
	    {"&amp;", '&'},
	    {"&lt;", '<'},
	    {"&gt;", '>'},
	    {"&quot;", '"'},
	    {"&apos;", '\''},
	};
	size_t read = 0;
	size_t i;

	for (i = 0; i < SG_COUNT(entities); i++) {
		if (!sg_text_starts(p, entities[i].name))
			continue;
		sg_buf_add_byte(out, entities[i].byte);
		return strlen(entities[i].name);
	}
	if (p[1] == '#')
		read = add_character(out, p);
	if (read > 0)
		return read;
	sg_buf_add_byte(out, '&');
	return 1;
}

static char *
decode(const char *p, size_t len)
{
	SG_AUTO(sg_buf) out = sg_buf_new(VALUE_MAX);
	const char *end = p + len;

	while (p < end) {
		if (*p == '&')
			p += add_reference(out, p);
		else
			sg_buf_add_byte(out, (uint8_t)*p++);
	}
	if (sg_buf_check(out, "XML", NULL) != SG_OK)
		return NULL;
	return strdup(sg_buf_str(out));
}

/* Read one attribute at p; NULL when the tag ends or is broken. */
static const char *
read_attribute(const char *p, const char **name, size_t *name_len,
    const char **value, size_t *value_len)
{
	char quote[2] = {0};

	p += strspn(p, BLANKS);
	*name = p;
	*name_len = strcspn(p, BLANKS "=/><");
	p += *name_len;
	p += strspn(p, BLANKS);
	if (*name_len == 0 || *p != '=')
		return NULL;
	p++;
	p += strspn(p, BLANKS);
	if (*p != '"' && *p != '\'')
		return NULL;
	quote[0] = *p++;
	*value = p;
	*value_len = strcspn(p, quote);
	p += *value_len;
	return *p != '\0' ? p + 1 : NULL;
}

char *
sg_xml_attribute(const char *xml, const char *element, const char *attribute)
{
	const char *p = find_element(xml, element);
	const char *name = NULL;
	const char *value = NULL;
	size_t name_len = 0;
	size_t value_len = 0;

	while (p != NULL) {
		p = read_attribute(p, &name, &name_len, &value, &value_len);
		if (p != NULL && name_len == strlen(attribute) &&
		    strncmp(name, attribute, name_len) == 0)
			return decode(value, value_len);
	}
	return NULL;
}

char *
sg_xml_text(const char *xml, const char *element)
{
	const char *p = find_element(xml, element);
	const char *name = NULL;
	const char *value = NULL;
	size_t name_len = 0;
	size_t value_len = 0;
	const char *next;

	if (p == NULL)
		return NULL;
	/* A ">" may stand in an attribute: walk over them. */
	for (next = p; next != NULL; p = next != NULL ? next : p)
		next = read_attribute(p, &name, &name_len, &value, &value_len);
	p += strspn(p, BLANKS);
	if (*p != '>')
		return NULL;
	p++;
	return decode(p, strcspn(p, "<"));
}
