/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_REPLY_XML_H
#define SG_CLIENT_REPLY_XML_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Just enough XML for the few flat answers of the Tableau REST API: the first
 * element of a name, its attributes and its text. No DTD, no entity but the
 * five of XML 1.0 §4.6 and character references, so nothing can expand.
 */

/**
 * The value of an attribute of the first element of that name.
 *
 * @param xml      NUL-terminated.
 * @param element  Local name; a namespace prefix in the text is skipped.
 * @return A string to be freed with sg_str_free(); NULL when there is no such
 *         element or attribute, or no memory.
 */
char *sg_xml_attribute(
    const char *xml, const char *element, const char *attribute);

/** The text of the first element of that name, up to its first child. */
char *sg_xml_text(const char *xml, const char *element);

#ifdef __cplusplus
}
#endif

#endif
